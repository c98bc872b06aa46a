/** What the page "Credentials" says. */
export const credentialsTexts = {
  intro: 'What the router signs in with, by name and age. Values are never shown.',
} as const;
