/** How the app itself behaves: theme, notifications, start at login. */
export const preferenceCalls = {} as const;
