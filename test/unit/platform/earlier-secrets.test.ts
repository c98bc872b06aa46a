import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { earlierSecrets, tokensIn } from '../../../src/main/platform/earlier-secrets';
import type { Keychain } from '../../../src/main/platform/keychain';

/** The file that the Go router writes for one token `k` with the value `v`. */
const VECTOR = Buffer.from(
  '000000000000000000000000b73d67039bcef259aa46a0f460cfbe57132595c4a94342f73bb74f5d3c19c9742fe68ee1',
  'hex',
);

let home: string;
const path = (): string => join(home, '.config/mcp-router/mcp-router/tokens.enc');

/** A keychain in which another program has these entries. */
const keychainOf = (entries: Record<string, string>): Keychain =>
  ({
    readOfOther: (service: string, name: string) =>
      Promise.resolve(service === 'mcp-router-mcp-router' ? (entries[name] ?? null) : null),
  }) as unknown as Keychain; // the part that is used

const find = (names: readonly string[], entries: Record<string, string> = {}) =>
  earlierSecrets(names, {
    place: { platform: 'linux', env: {}, home },
    uid: process.geteuid?.() ?? null,
    keychain: keychainOf(entries),
  });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'earlier-'));
  mkdirSync(dirname(path()), { recursive: true, mode: 0o700 });
});
afterEach(() => rmSync(home, { recursive: true }));

describe('the file of the Go router', () => {
  it('is read', () => {
    expect([...(tokensIn(VECTOR) ?? [])]).toEqual([['k', 'v']]);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['cut', VECTOR.subarray(0, 40)],
    ['changed', Buffer.concat([VECTOR.subarray(0, 20), Buffer.from([1]), VECTOR.subarray(21)])],
  ])('gives nothing when it is %s', (_name, bytes) => {
    expect(tokensIn(bytes)).toBeNull();
  });
});

describe('what an earlier router has stored', () => {
  it('is found in its keychain entries and in its file, by the names that are asked for', async () => {
    writeFileSync(path(), VECTOR, { mode: 0o600 });
    expect(await find(['k', 'gateway', 'other'], { gateway: 'from the keychain' })).toEqual([
      { name: 'k', place: path(), value: 'v' },
      { name: 'gateway', place: 'the keychain entry of the earlier router', value: 'from the keychain' },
    ]);
  });

  it('is nothing where there is nothing, or where others can read its file', async () => {
    expect(await find(['k'])).toEqual([]);
    writeFileSync(path(), VECTOR, { mode: 0o644 });
    expect(await find(['k'])).toEqual([]);
  });
});
