import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { configKeys, sectionPaths } from '../../../src/main/platform/config-keys';
import { suggestKey } from '../../../src/main/platform/key-suggestion';

const keys = configKeys();
const known = [...keys.map(({ path }) => path), ...sectionPaths(keys)];

describe('suggestKey', () => {
  it.each([
    ['gateway.tls.verfy', 'gateway.tls.verify'],
    ['gatewy', 'gateway'],
    ['gateway.Url', 'gateway.url'],
    ['local.requestTimeoutMs', 'local.request_timeout_ms'],
    ['local.max-sessions', 'local.max_sessions'],
    ['gateway.timeout_ms', 'gateway.connection.timeout_ms'],
    ['url', 'gateway.url'],
    ['rate_limit', 'local.rate_limit'],
    ['local.burst', 'local.rate_limit.burst'],
    ['gateway.auth.verify', 'gateway.auth.tls.verify'],
    ['tls', 'gateway.tls'],
  ])('%s probably means %s', (path, expected) => {
    expect(suggestKey(path, known)).toBe(expected);
  });

  it.each(['gateway.zzzzqqqq', 'x', '', 'a'.repeat(10_000)])('has no guess for %s', (path) => {
    expect(suggestKey(path, known)).toBeNull();
  });

  it('finds the key behind any single typing mistake', () => {
    const mistake = fc.constantFrom('drop', 'double', 'swap');
    // "scopes" has a neighbour that differs in one letter.
    const long = keys.filter(
      ({ path, segments }) => (segments.at(-1) ?? '').length >= 6 && path !== 'gateway.auth.scopes',
    );
    fc.assert(
      fc.property(fc.constantFrom(...long), mistake, fc.nat(), ({ path, segments }, kind, seed) => {
        const name = segments.at(-1) ?? '';
        const at = seed % (name.length - 1);
        const pair = name.slice(at, at + 2);
        const typed = {
          drop: name.slice(0, at) + name.slice(at + 1),
          double: name.slice(0, at + 1) + name.slice(at),
          swap: name.slice(0, at) + `${pair.charAt(1)}${pair.charAt(0)}` + name.slice(at + 2),
        }[kind];
        const parent = segments.slice(0, -1).join('.');
        expect(suggestKey(`${parent}.${typed}`, known)).toBe(path);
      }),
    );
  });

  it('answers a known key or nothing, whatever it is asked', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (path) => {
        const suggestion = suggestKey(path, known);
        expect(suggestion === null || known.includes(suggestion)).toBe(true);
      }),
    );
  });
});
