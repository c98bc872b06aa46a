import type { ClientApp } from './client-app';

/** Its user scope; entries of single projects (`projects[...]` and `.mcp.json`) are left alone. */
export const claudeCode: ClientApp = {
  id: 'claude-code',
  title: 'Claude Code',
  format: 'json',
  allowsComments: false,
  files: ['{$CLAUDE_CONFIG_DIR}/.claude.json', '{home}/.claude.json'],
  traces: ['{$CLAUDE_CONFIG_DIR}', '{home}/.claude', '{home}/.local/bin/claude'],
  programs: ['claude'],
  rootKey: 'mcpServers',
  entryExtras: { type: 'stdio' },
  afterwards: 'Sessions that are started from now on have it; /mcp shows it.',
};
