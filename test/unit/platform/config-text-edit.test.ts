import { describe, expect, it } from 'vitest';

import {
  editConfigText,
  type ConfigEdits,
  type EditPath,
  type EditValue,
} from '../../../src/main/platform/config-text-edit';

function edited(text: string, ...edits: readonly (readonly [string, EditValue])[]): string {
  const map: ConfigEdits = new Map(
    edits.map(([path, value]): [EditPath, EditValue] => [path.split('.'), value]),
  );
  const result = editConfigText(text, map);
  return result.kind === 'edited' ? result.text : `(${result.kind})`;
}

const FILE = [
  '# head',
  '',
  'gateway:   # g',
  '    url:   wss://a.example/   # where',
  '    tls: { verify: true,  min_version: "1.3" }   # t',
  '',
  '# between',
  'local:',
  '    # above',
  '    max_sessions:   3   # few',
  '    blocked_clients:   # who',
  '        - one   # first',
  '        # in between',
  '        - "two"',
  '',
  '    rate_limit:',
  '        burst: 5 # b',
  '# foot',
  '',
].join('\n');

describe('SEC-109 one value of a configuration file', () => {
  it.each([
    ['a number', 'local.max_sessions', 12, 'max_sessions:   3 ', 'max_sessions:   12 '],
    ['a switch in braces', 'gateway.tls.verify', false, 'verify: true', 'verify: false'],
    ['a text in its quotes', 'gateway.tls.min_version', '1.2', '"1.3"', '"1.2"'],
    ['a text that needs quotes', 'gateway.url', 'wss://b/?x: #y', 'wss://a.example/', '"wss://b/?x: #y"'],
  ])('%s changes in its place', (...[, path, value, before, after]) => {
    expect(edited(FILE, [path, value])).toBe(FILE.replace(before, after));
  });

  it('is added below the last of its section, and sections as needed', () => {
    expect(edited(FILE, ['local.rate_limit.enabled', false])).toBe(
      FILE.replace('        burst: 5 # b\n', '        burst: 5 # b\n        enabled: false\n'),
    );
    expect(edited(FILE, ['gateway.tls.server_name', 'b.example'])).toBe(
      FILE.replace('"1.3" }', '"1.3", server_name: b.example }'),
    );
    expect(edited(FILE, ['logging.audit.enabled', true])).toBe(
      FILE.replace('# foot\n', 'logging:\n    audit:\n        enabled: true\n# foot\n'),
    );
    expect(
      edited('gateway:\n  # later\nlocal: {}', ['gateway.url', 'wss://x/'], ['local.max_sessions', 1]),
    ).toBe('gateway:\n  url: wss://x/\n  # later\nlocal: { max_sessions: 1 }');
    expect(edited('a: 1', ['b', ['x', 'y z']])).toBe('a: 1\nb:\n  - x\n  - "y z"\n');
  });

  it('is removed with its line, while its comment stays', () => {
    expect(edited(FILE, ['local.max_sessions', null])).toBe(
      FILE.replace('    max_sessions:   3   # few\n', '    # few\n'),
    );
    expect(edited(FILE, ['local.rate_limit.burst', null])).toBe(
      FILE.replace('    rate_limit:\n        burst: 5 # b\n', '    # b\n'),
    );
    expect(edited(FILE, ['gateway.tls.verify', null])).toBe(FILE.replace('verify: true,  ', ''));
    expect(edited(FILE, ['gateway.tls.min_version', null])).toBe(FILE.replace(',  min_version: "1.3"', ''));
    expect(edited(FILE, ['local.blocked_clients', null])).toBe(
      FILE.replace(/ {4}blocked_clients:[^]*"two"\n/, '    # who\n    # first\n    # in between\n'),
    );
    expect(edited(FILE, ['local.max_queued_requests', null])).toBe(FILE);
  });

  it('keeps the lines and comments of the items of a list that stay', () => {
    expect(edited(FILE, ['local.blocked_clients', ['zero', 'one', 'two', 'three']])).toBe(
      FILE.replace('        - one', '        - zero\n        - one').replace(
        '"two"\n',
        '"two"\n        - three\n',
      ),
    );
    expect(edited(FILE, ['local.blocked_clients', ['two']])).toBe(
      FILE.replace('        - one   # first\n', '        # first\n'),
    );
    expect(edited('a: [x,  yy] # c\n', ['a', ['yy', 'true']])).toBe('a: [yy, "true"] # c\n');
  });

  it('keeps line ends of Windows', () => {
    expect(edited('a:\r\n  b: 1 # c\r\n', ['a.d', 2])).toBe('a:\r\n  b: 1 # c\r\n  d: 2\r\n');
    expect(edited('a:\r\n  b: 1 # c\r\n  d: 2\r\n', ['a.b', null])).toBe('a:\r\n  # c\r\n  d: 2\r\n');
  });

  it('is not changed where an alias would change something else with it', () => {
    expect(edited('a: &x 5\nb: *x\n', ['a', 6])).toBe('(repeated)');
    expect(edited('a: &x { c: 1, d: 2 }\nb: *x\n', ['b.c', 2])).toBe('(repeated)');
    expect(edited('a: [\n', ['a', 1])).toBe('(broken)');
    expect(edited('a: [1]\n', ['a.b', 1])).toBe('(broken)');
  });

  it('is printed anew with its comments where its place takes no other form', () => {
    const text = edited('# top\na: just one # c\nb: 1\n', ['a', ['x', 'y']]);
    expect(text).toContain('# top\n');
    expect(text).toContain('- y');
    expect(text).toContain('b: 1\n');
  });
});
