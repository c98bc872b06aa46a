import { expect } from 'vitest';

// Vitest types its matchers `any`; these are `unknown`, so that nothing untyped spreads through a test.

/** Any text with that part in it. */
export const containing = (part: string): unknown => expect.stringContaining(part);
/** Any text of that form. */
export const matching = (form: RegExp): unknown => expect.stringMatching(form);
/** Any list with these items in it. */
export const listWith = (items: readonly unknown[]): unknown => expect.arrayContaining([...items]);
