import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { configKeys } from '../../src/main/platform/config-keys';
import { provenSettings } from '../settings';

/** The title of a test, up to its closing quote. */
const TITLE = /\b(?:it|test)(?:\.\w+)*(?:\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;

function titlesIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(TITLE)].map(([, , title = '']) => title);
}

describe('SEC-67 settings', () => {
  it('have each a test that fails when the setting is ignored, and the list holds nothing else', () => {
    const keys = configKeys().map(({ path }) => path);
    expect(Object.keys(provenSettings).sort()).toEqual([...keys].sort());
  });

  it.each(Object.entries(provenSettings))('%s names a test that there is', (_key, { file, title }) => {
    expect(titlesIn(file)).toContain(title);
  });
});
