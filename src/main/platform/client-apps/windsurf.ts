import type { ClientApp } from './client-app';

/** The editor's file; the JetBrains plug-in has another one. */
export const windsurf: ClientApp = {
  id: 'windsurf',
  title: 'Windsurf',
  format: 'json',
  allowsComments: false,
  files: ['{home}/.codeium/windsurf/mcp_config.json'],
  traces: {
    linux: ['{home}/.codeium/windsurf', '{config}/Windsurf'],
    darwin: ['{home}/.codeium/windsurf', '{root}/Applications/Windsurf.app', '{support}/Windsurf'],
    win32: ['{home}/.codeium/windsurf', '{localappdata}/Programs/Windsurf', '{appdata}/Windsurf'],
  },
  programs: ['windsurf'],
  rootKey: 'mcpServers',
  entryExtras: {},
  afterwards: 'Press the refresh button in the list of MCP servers of Windsurf.',
};
