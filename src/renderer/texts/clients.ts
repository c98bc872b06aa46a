/** What the page "Clients" says. */
export const clientsTexts = {
  intro: 'The programs on this machine that can use the router.',
} as const;
