import type { ClientApp } from './client-app';

/** Its user-wide file; the one of a project is left alone. */
export const cursor: ClientApp = {
  id: 'cursor',
  title: 'Cursor',
  format: 'json',
  allowsComments: true,
  files: ['{home}/.cursor/mcp.json'],
  traces: {
    linux: ['{home}/.cursor', '{config}/Cursor'],
    darwin: ['{home}/.cursor', '{root}/Applications/Cursor.app', '{support}/Cursor'],
    win32: ['{home}/.cursor', '{localappdata}/Programs/cursor', '{appdata}/Cursor'],
  },
  programs: ['cursor'],
  rootKey: 'mcpServers',
  entryExtras: {},
  afterwards: 'Switch the server on in Cursor under Settings, MCP.',
};
