import type { ClientApp } from './client-app';

/** Shared by the command line, its IDE extension and its app. */
export const codex: ClientApp = {
  id: 'codex',
  title: 'Codex CLI',
  format: 'toml',
  allowsComments: true,
  files: ['{$CODEX_HOME}/config.toml', '{home}/.codex/config.toml'],
  traces: ['{$CODEX_HOME}', '{home}/.codex'],
  programs: ['codex'],
  rootKey: 'mcp_servers',
  entryExtras: {},
  afterwards: 'Sessions that are started from now on have it; codex mcp list shows it.',
};
