import { describe, expect, it } from 'vitest';

import {
  isSystemdCredential,
  resolveCredential,
  type Credential,
} from '../../../src/main/engine/auth/credentials';
import { routerConfigSchema } from '../../../src/shared/model/config';
import { enginePorts, type FakeMachine } from '../../support/engine-client';

const TOKEN = 'tok-1234567890';

function resolve(auth: object, machine: FakeMachine = {}, masked: string[] = []): Promise<Credential | null> {
  const { gateway } = routerConfigSchema.parse({ gateway: { url: 'wss://g.example/', auth } });
  const ports = {
    ...enginePorts(machine),
    mask: {
      add: (value: string) => {
        masked.push(value);
      },
      hide: (text: string) => text,
    },
  };
  return resolveCredential(gateway.auth, ports);
}

const everywhere: FakeMachine = {
  secrets: { key: { kind: 'found', value: 'from-store' } },
  variables: { NAMED: 'from-named', MCP_AUTH_TOKEN: 'from-default' },
  files: { '/t': { kind: 'found', value: 'from-file' } },
};
const all = { token_secure_key: 'key', token_env: 'NAMED', token_file: '/t' };

describe('resolveCredential', () => {
  it('takes the first source that has one, in the documented order', async () => {
    const without = async (auth: object, machine: FakeMachine): Promise<unknown> => {
      const credential = await resolve(auth, machine);
      return [credential?.secret.reveal(), credential?.inUse];
    };
    expect(await without(all, everywhere)).toEqual(['from-store', { source: 'keychain', name: 'key' }]);
    const { secrets: _secrets, ...noStore } = everywhere;
    expect(await without(all, noStore)).toEqual(['from-named', { source: 'environment', name: 'NAMED' }]);
    const onlyDefault = { ...noStore, variables: { NAMED: '  ', MCP_AUTH_TOKEN: 'from-default' } };
    expect(await without(all, onlyDefault)).toEqual([
      'from-default',
      { source: 'environment', name: 'MCP_AUTH_TOKEN' },
    ]);
    expect(await without(all, { ...noStore, variables: {} })).toEqual([
      'from-file',
      { source: 'file', name: '/t' },
    ]);
  });

  it('sends none when auth.type is none, whatever there is', async () => {
    expect(await resolve({ type: 'none' }, everywhere)).toBeNull();
  });

  it('trims, and tells the mask before anybody can log it', async () => {
    const masked: string[] = [];
    const machine = { files: { '/t': { kind: 'found', value: `\n ${TOKEN}\r\n` } } } as const;
    const credential = await resolve({ token_file: '/t' }, machine, masked);
    expect(credential?.secret.reveal()).toBe(TOKEN);
    expect(masked).toEqual([TOKEN]);
  });

  it('names every place where it looked in vain', async () => {
    await expect(resolve({ token_secure_key: 'key', token_env: 'NAMED' })).rejects.toMatchObject({
      code: 'credential-missing',
      detail:
        'looked in: keychain entry "key", environment variable NAMED, environment variable MCP_AUTH_TOKEN',
    });
  });

  // SEC-04: what is there but cannot be used ends the search.
  it.each([
    ['locked-or-removed', { kind: 'locked-or-removed' }, 'keychain-locked'],
    ['unavailable', { kind: 'unavailable', reason: 'no bus' }, 'keychain-unavailable'],
  ] as const)('SEC-04 does not go on when the keychain is %s', async (_what, lookup, code) => {
    const machine = { ...everywhere, secrets: { key: lookup } };
    await expect(resolve(all, machine)).rejects.toMatchObject({ code });
  });

  it.each([
    ['missing', { kind: 'missing', path: '/t' }, 'credential-missing'],
    ['refused', { kind: 'refused', path: '/t', problem: 'chmod' }, 'credential-file-refused'],
    ['unreadable', { kind: 'unreadable', path: '/t', reason: 'EIO' }, 'credential-file-unreadable'],
    ['empty', { kind: 'found', value: ' \n' }, 'credential-missing'],
  ] as const)('SEC-04 does not go on when the file is %s', async (_what, lookup, code) => {
    await expect(resolve({ token_file: '/t' }, { files: { '/t': lookup } })).rejects.toMatchObject({ code });
  });

  it.each(['a b', 'a\tb', 'a\r\nX-Evil: 1', 'a\u0000b', 'tokén', 'a\u007f', '\u{1d11e}'])(
    'refuses %j, which could break out of a header, and does not repeat it',
    async (value) => {
      const failure: unknown = await resolve({ token_env: 'E' }, { variables: { E: value } }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'credential-malformed', detail: 'environment "E"' });
      expect(String(failure)).not.toContain(value);
    },
  );

  it('takes every printable character that a header can hold', async () => {
    const value = Array.from({ length: 0x7e - 0x20 }, (_unused, index) =>
      String.fromCharCode(0x21 + index),
    ).join('');
    expect((await resolve({ token_env: 'E' }, { variables: { E: value } }))?.secret.reveal()).toBe(value);
  });

  it('reads a path that systemd provides, and only there', async () => {
    const variables = { CREDENTIALS_DIRECTORY: '/run/credentials/unit', E: '/run/credentials/unit/token' };
    const files = { '/run/credentials/unit/token': { kind: 'found', value: TOKEN } } as const;
    const credential = await resolve({ token_env: 'E' }, { variables, files });
    expect([credential?.secret.reveal(), credential?.inUse]).toEqual([
      TOKEN,
      { source: 'environment', name: 'E' },
    ]);
  });
});

describe('isSystemdCredential', () => {
  it.each([
    ['/run/c/token', '/run/c', true],
    ['/run/c/deep/token', '/run/c', true],
    ['/run/c', '/run/c', false],
    ['/run/c/..', '/run/c', false],
    ['/run/c/../x', '/run/c', false],
    ['/run/cx/token', '/run/c', false],
    ['/run/c/..token', '/run/c', true],
    ['token', '/run/c', false],
    ['/run/c/token', 'run/c', false],
    ['/run/c/token', undefined, false],
  ])('%s in %s: %s', (value, folder, expected) => {
    expect(isSystemdCredential(value, folder)).toBe(expected);
  });
});
