import { describe, expect, it } from 'vitest';
import { checkPayload } from '../../../src/main/ipc/payloads';

const revision = 'r';
const judge = (channel: 'settings.check' | 'settings.preview' | 'settings.save', input: unknown): string =>
  checkPayload(channel, [input]).kind;

describe.each(['settings.check', 'settings.preview', 'settings.save'] as const)('SEC-109 %s', (channel) => {
  it.each([[true], [5], ['x'], [null], [['a', 'b']], [{ team: 'blue' }], [[]], [{}]])('takes %j', (value) => {
    expect(judge(channel, { revision, changes: [{ path: 'local.max_sessions', value }] })).toBe('accepted');
  });

  it.each([
    ['nothing', undefined],
    ['no revision', { changes: [] }],
    ['a path that is a list', { revision, changes: [{ path: ['a'], value: 1 }] }],
    ['a path that is too long', { revision, changes: [{ path: 'x'.repeat(101), value: 1 }] }],
    ['no value', { revision, changes: [{ path: 'a' }] }],
    ['a nested value', { revision, changes: [{ path: 'a', value: { b: { c: 'd' } } }] }],
    ['a list of numbers', { revision, changes: [{ path: 'a', value: [1] }] }],
    ['a text that is too long', { revision, changes: [{ path: 'a', value: 'x'.repeat(4097) }] }],
    ['too many items', { revision, changes: [{ path: 'a', value: Array.from({ length: 501 }, () => 'x') }] }],
    [
      'too many names',
      {
        revision,
        changes: [
          { path: 'a', value: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [String(i), ''])) },
        ],
      },
    ],
    ['too many changes', { revision, changes: Array.from({ length: 301 }, () => ({ path: 'a', value: 1 })) }],
    ['an unknown member', { revision, changes: [], file: '/etc/passwd' }],
  ])('rejects %s', (_name, input) => {
    expect(judge(channel, input)).toBe('rejected');
  });
});
