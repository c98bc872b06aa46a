import type { ClientApp } from './client-app';

const FILE = 'claude_desktop_config.json';

/** Speaks stdio only, and writes its file back from memory while it runs: what others wrote meanwhile is lost. */
export const claudeDesktop: ClientApp = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  format: 'json',
  allowsComments: false,
  files: {
    linux: [`{config}/Claude/${FILE}`],
    darwin: [`{support}/Claude/${FILE}`],
    // The Store build (MSIX) sees a folder of its own in place of %APPDATA%, and never reads the other one.
    win32: [`{localappdata}/Packages/Claude_*/LocalCache/Roaming/Claude/${FILE}`, `{appdata}/Claude/${FILE}`],
  },
  traces: {
    linux: ['{config}/Claude', '{root}/usr/lib/claude-desktop', '{root}/opt/Claude'],
    darwin: ['{support}/Claude', '{root}/Applications/Claude.app', '{home}/Applications/Claude.app'],
    win32: ['{localappdata}/Packages/Claude_*', '{localappdata}/AnthropicClaude', '{appdata}/Claude'],
  },
  programs: ['claude-desktop'],
  rootKey: 'mcpServers',
  entryExtras: {},
  mustBeClosed: {
    linux: [/\/claude-desktop(\/|$)/, /^\/opt\/Claude\//, /\/\.mount_[Cc]laude[^/]*\//],
    darwin: [/\/Claude\.app\/Contents\//],
    // Claude Code for Windows is a claude.exe as well, so the path decides.
    win32: { image: 'claude.exe', paths: [/\\AnthropicClaude\\/i, /\\WindowsApps\\Claude_/i] },
  },
  afterwards: 'Start Claude Desktop: it reads the file when it starts.',
};
