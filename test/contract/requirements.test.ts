import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { requirements } from '../requirements';

const ID = /SEC-\d+/g;
/** The title of a test or of a group, up to its closing quote. */
const TITLE = /\b(?:it|describe|test)(?:\.\w+)*(?:\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;

/** The ids that the titles in this source cite. */
function citedIn(source: string): readonly string[] {
  return [...source.matchAll(TITLE)].flatMap(([, , title = '']) => title.match(ID) ?? []);
}

function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const known = requirements.map(({ id }) => id);

describe('security promises', () => {
  it('are each proven by a test that cites them, and no test cites an unknown one', () => {
    const files = testFiles('test').filter((file) => !file.endsWith('requirements.test.ts'));
    const cited = new Set(files.flatMap((file) => citedIn(readFileSync(file, 'utf8'))));
    expect([...cited].sort()).toEqual([...known].sort());
  });

  it('stand in SECURITY.md word for word', () => {
    const page = readFileSync('SECURITY.md', 'utf8').replace(/ +/g, ' ');
    for (const { id, promise, source } of requirements)
      expect(page).toContain(`| ${id} | ${promise} (${source}) |`);
    expect([...new Set(page.match(ID))].sort()).toEqual([...known].sort());
  });

  it('have ids of their own', () => {
    expect(new Set(known).size).toBe(known.length);
  });

  it('are found in every form of title, and nowhere else', () => {
    const source = [
      "it('SEC-901 plain', () => {})",
      "it.each(rows)('SEC-902 of a table', () => {})",
      "describe.skipIf(process.platform !== 'linux')('SEC-903 grouped', () => {})",
      'it(\n  `SEC-904 ${name}`, () => {})',
      '// SEC-905 in a comment',
      "const text = 'SEC-906';",
    ].join('\n');
    expect(citedIn(source)).toEqual(['SEC-901', 'SEC-902', 'SEC-903', 'SEC-904']);
  });
});
