import type { ClientApp } from './client-app';

/** Its user settings; those of a project are left alone. */
export const gemini: ClientApp = {
  id: 'gemini',
  title: 'Gemini CLI',
  format: 'json',
  allowsComments: true,
  files: ['{$GEMINI_CLI_HOME}/.gemini/settings.json', '{home}/.gemini/settings.json'],
  traces: ['{$GEMINI_CLI_HOME}/.gemini', '{home}/.gemini'],
  programs: ['gemini'],
  rootKey: 'mcpServers',
  entryExtras: {},
  afterwards: 'Sessions that are started from now on have it; /mcp shows it.',
};
