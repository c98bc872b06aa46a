/** What the page "Audit" says. */
export const auditTexts = {
  intro: 'What was asked, by whom, and what came of it, in a log that shows when somebody changed it.',
} as const;
