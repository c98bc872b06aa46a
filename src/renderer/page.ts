/** The pages of the window, in the order of the sidebar. */
export const pages = ['overview', 'activity', 'connection', 'security'] as const;
export type Page = (typeof pages)[number];
