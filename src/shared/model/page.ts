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

/** The address of a page within the window's one document. */
export const addressOf = (page: Page): string => `#${page}`;

/** The page that such an address means; the first one for any other text. */
export const pageAt = (address: string): Page =>
  pages.find((page) => addressOf(page) === address) ?? pages[0];
