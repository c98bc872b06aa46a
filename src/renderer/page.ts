/** The pages of the window, in the order of the sidebar. */
export const pages = [
  'overview',
  'activity',
  'audit',
  'connection',
  'credentials',
  'clients',
  'security',
  'settings',
] as const;
export type Page = (typeof pages)[number];
