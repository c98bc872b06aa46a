/** What the page "Settings" says. */
export const settingsTexts = {
  intro: 'All settings of the configuration file. Comments in it stay.',
} as const;
