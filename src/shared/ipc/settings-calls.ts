/** The configuration file, as a person edits it in the window. */
export const settingsCalls = {} as const;
