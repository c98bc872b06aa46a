import { describe, expect, it } from 'vitest';

import { lineDiff } from '../../../src/main/platform/client-apps/line-diff';

const SECRET = 'sk-foreign-0123456789';

describe('SEC-82 the lines of a preview', () => {
  it('are the changed ones, with our own strings', () => {
    const before = 'a\n{\n}\n';
    const after = 'a\n{\n\t"gateway": { "command": "/bin/node" }\n}\n';
    expect(lineDiff(before, after, ['/bin/node'])).toEqual(['+   "gateway": { "command": "/bin/node" }']);
  });

  it.each([
    `{ "env": { "TOKEN": "${SECRET}" } }`,
    `["${SECRET}"]`,
    `"x", // "TOKEN": ${SECRET}`,
    `"x" /* ${SECRET} */,`,
    `TOKEN = '${SECRET}' # once ${SECRET}`,
    `${SECRET} in a string of several lines`,
    `TOKEN=${SECRET}`,
    `url: https://u:${SECRET}@example.com`,
    `k = [ "a", '${SECRET}' ]`,
    `"a": "b\\" ${SECRET}"`,
  ])('do not show what is in: %s', (line) => {
    expect(lineDiff(line, '', []).join('\n')).not.toContain(SECRET);
    expect(lineDiff('', line, []).join('\n')).not.toContain(SECRET);
  });

  it('show structure, keys, numbers and headers', () => {
    const lines = ['[mcp_servers.gateway]', 'timeout = 3', '"a": { "b": [true, null, 1.5e3] },', '}'];
    expect(lineDiff('', lines.join('\n'), [])).toEqual(lines.map((line) => `+ ${line}`));
  });

  it('hold no control characters and are bounded', () => {
    expect(lineDiff('', '"\u001b[31m": 1', [])).toEqual(['+ "\\u001b[31m": 1']);
    expect(lineDiff('', `"${'k'.repeat(1000)}": 1`, [])[0]?.length).toBeLessThan(260);
    const long = `{"a": "${SECRET}", ${'"b": 1, '.repeat(1_000_000)}}`;
    expect(lineDiff('', long, [])).toEqual([`+ ... (a line of ${long.length} characters)`]);
    expect(lineDiff('', '1,\n'.repeat(1000), []).at(-1)).toMatch(/600 more lines/);
  });
});
