import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { CredentialSource } from '../../src/main/engine/auth/credential-source';
import { oauthSource, renewalTime } from '../../src/main/engine/auth/oauth-source';
import type { EnginePorts, SecretStore } from '../../src/main/engine/ports';
import { createProcessLocks } from '../../src/main/platform/process-lock';
import type { RouterConfig } from '../../src/shared/model/config';
import { createAuthority } from '../support/certificates';
import { enginePorts, testConfig } from '../support/engine-client';
import { CLIENT_SECRET, IdentityProvider, PASSWORD } from '../support/identity-provider';
import { TemporaryHome } from '../support/router-process';

const authority = createAuthority('Source authority');
const CA = '/idp-ca.pem';
const never = new AbortController().signal;

let provider: IdentityProvider;
let home: TemporaryHome;
let now: number;
/** What the keychain holds, for every process of this user. */
let entries: Map<string, string>;
let isWritable: boolean;

beforeEach(async () => {
  provider = await IdentityProvider.start({ tls: authority.issueServer({ hosts: ['localhost'] }) });
  home = new TemporaryHome();
  now = Date.now();
  entries = new Map();
  isWritable = true;
});

afterEach(async () => {
  await provider.stop();
  home.remove();
});

/** One keychain for all processes; whatever is read is read anew. */
function sharedKeychain(): SecretStore {
  const read: SecretStore['read'] = (name) => {
    const value = entries.get(name);
    return Promise.resolve(value === undefined ? { kind: 'absent' } : { kind: 'found', value });
  };
  return {
    read,
    readAnew: read,
    write: (name, value) => {
      if (!isWritable) return Promise.resolve({ kind: 'locked', reason: 'locked' });
      entries.set(name, value);
      return Promise.resolve({ kind: 'done' });
    },
    delete: () => Promise.resolve({ kind: 'done' }),
    list: () => Promise.resolve([]),
  };
}

/** A process of its own: its memory is its own, its keychain and its locks are the machine's. */
function newProcess(variables: Record<string, string> = {}, more: Partial<EnginePorts> = {}): EnginePorts {
  const system = enginePorts({
    variables: { SECRET: CLIENT_SECRET, MY_PASSWORD: PASSWORD, ...variables },
    files: { [CA]: { kind: 'found', value: authority.certificatePem } },
  });
  return {
    ...system,
    clock: { now: () => now, after: system.clock.after },
    secrets: sharedKeychain(),
    locks: createProcessLocks(join(home.path, 'locks')),
    ...more,
  };
}

const config = (keys: object): RouterConfig =>
  testConfig('wss://gateway.example/', {
    gateway: {
      auth: {
        type: 'oauth2',
        client_id: 'service',
        client_secret_env: 'SECRET',
        token_endpoint: provider.tokenEndpoint,
        tls: { ca_cert_path: CA },
        ...keys,
      },
    },
  });

const sourceFor = (keys: object, ports = newProcess()): CredentialSource => {
  const fixed = config(keys);
  return oauthSource(() => fixed, ports);
};

const tokenOf = async (source: CredentialSource): Promise<string> =>
  (await source.current(never))?.secret.reveal() ?? '';

const asked = (): readonly unknown[] => provider.exchanges.map(({ parameters }) => parameters['grant_type']);

describe('the time of renewal', () => {
  it('is before the expiry, earlier by chance, and never before a short life is half over', () => {
    expect(renewalTime(1000, 3_600_000, 0)).toBe(1000 + 3_600_000 - 30_000);
    expect(renewalTime(1000, 3_600_000, 0.5)).toBe(1000 + 3_600_000 - 45_000);
    expect(renewalTime(0, 1000, 0.999)).toBeGreaterThan(500);
  });
});

describe('a token in memory', () => {
  it('is used until shortly before it expires', async () => {
    const source = sourceFor({});
    const first = await tokenOf(source);
    now += 3_500_000;
    expect(await tokenOf(source)).toBe(first);
    now += 60_000;
    expect(await tokenOf(source)).not.toBe(first);
    expect(asked()).toEqual(['client_credentials', 'client_credentials']);
  });

  it('is used to its end while the identity provider is away', async () => {
    const source = sourceFor({});
    const first = await tokenOf(source);
    await provider.stop();
    now += 3_570_000;
    expect(await tokenOf(source)).toBe(first);
    now += 60_000;
    await expect(tokenOf(source)).rejects.toMatchObject({ code: 'oauth-unreachable' });
  });

  it('is forgotten when the configuration is read again', async () => {
    let current = config({});
    const source = oauthSource(() => current, newProcess());
    const first = await tokenOf(source);
    current = config({});
    expect(await tokenOf(source)).not.toBe(first);
  });

  it('is never put into the keychain for a service account', async () => {
    await tokenOf(sourceFor({}));
    expect([...entries]).toEqual([]);
  });

  it('leaves a caller who gives up, and goes on for the others', async () => {
    let open: () => void = () => undefined;
    provider.gate = new Promise((resolve) => {
      open = resolve;
    });
    const source = sourceFor({});
    const leaving = new AbortController();
    const left = source.current(leaving.signal);
    const staying = tokenOf(source);
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    open();
    expect(await staying).not.toBe('');
    expect(provider.started).toBe(1);
  });
});

describe('grant type password', () => {
  const keys = {
    client_id: 'person',
    grant_type: 'password',
    username: 'tester',
    password_env: 'MY_PASSWORD',
  };

  it('uses the refresh token of the first answer, and the password when that is spent', async () => {
    const source = sourceFor(keys);
    await tokenOf(source);
    now += 3_600_000;
    await tokenOf(source);
    await provider.revokeAll('person');
    now += 3_600_000;
    await tokenOf(source);
    expect(asked()).toEqual(['password', 'refresh_token', 'refresh_token', 'password']);
    expect([...entries]).toEqual([]);
  });
});

describe('rotating refresh tokens', () => {
  const keys = { client_id: 'person', grant_type: 'refresh_token', refresh_token_env: 'RT' };

  it('are kept in the keychain for the next process', async () => {
    const RT = await provider.signIn();
    const first = sourceFor(keys, newProcess({ RT }));
    await tokenOf(first);
    now += 3_600_000;
    await tokenOf(first);
    now += 3_600_000;
    await tokenOf(sourceFor(keys, newProcess({ RT })));
    expect(provider.exchanges.map(({ status }) => status)).toEqual([200, 200, 200]);
    const sent = provider.exchanges.map(({ parameters }) => parameters['refresh_token']);
    expect(new Set(sent).size).toBe(3);
  });

  it('SEC-42 two processes at once refresh one time, and both have the token', async () => {
    const RT = await provider.signIn();
    const sources = [newProcess({ RT }), newProcess({ RT })].map((ports) => sourceFor(keys, ports));
    const [one, other] = await Promise.all(sources.map(tokenOf));
    expect(one).toBe(other);
    expect(provider.exchanges).toHaveLength(1);
  });

  it('SEC-42 a refused token is replaced by one of the two processes only', async () => {
    const RT = await provider.signIn();
    const sources = [newProcess({ RT }), newProcess({ RT })].map((ports) => sourceFor(keys, ports));
    const held = await Promise.all(sources.map((source) => source.current(never)));
    const renewed = await Promise.all(
      sources.map((source, at) => {
        const refused = held[at];
        if (refused === null || refused === undefined) throw new Error('no token');
        return source.renewed(refused, never);
      }),
    );
    expect(renewed[0]?.secret.reveal()).toBe(renewed[1]?.secret.reveal());
    expect(provider.exchanges).toHaveLength(2);
  });

  it('SEC-42 the new one is in the keychain before its access token is used', async () => {
    const RT = await provider.signIn();
    const keychain = sharedKeychain();
    let stored: () => void = () => undefined;
    const isStored = new Promise<void>((resolve) => {
      stored = resolve;
    });
    const order: string[] = [];
    const ports = newProcess(
      { RT },
      {
        secrets: {
          ...keychain,
          write: async (name, value) => {
            await isStored;
            order.push('stored');
            return keychain.write(name, value);
          },
        },
      },
    );
    const used = tokenOf(sourceFor(keys, ports)).then(() => order.push('used'));
    await provider.until('the answer', () => provider.exchanges.length === 1);
    stored();
    await used;
    expect(order).toEqual(['stored', 'used']);
  });

  it('go on in memory when the keychain does not take them', async () => {
    const RT = await provider.signIn();
    isWritable = false;
    const source = sourceFor(keys, newProcess({ RT }));
    await tokenOf(source);
    now += 3_600_000;
    await tokenOf(source);
    expect(provider.exchanges.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('stay in memory with token_storage: memory', async () => {
    const RT = await provider.signIn();
    const source = sourceFor({ ...keys, token_storage: 'memory' }, newProcess({ RT }));
    await tokenOf(source);
    now += 3_600_000;
    await tokenOf(source);
    expect(provider.exchanges.map(({ status }) => status)).toEqual([200, 200]);
    expect([...entries]).toEqual([]);
  });

  it('give way to a refresh token that a person puts there', async () => {
    await tokenOf(sourceFor(keys, newProcess({ RT: await provider.signIn() })));
    await provider.revokeAll('person');
    now += 3_600_000;
    const RT = await provider.signIn();
    await tokenOf(sourceFor(keys, newProcess({ RT })));
    expect(provider.exchanges.at(-1)).toMatchObject({ status: 200, parameters: { refresh_token: RT } });
  });

  it('that were revoked need a person', async () => {
    const source = sourceFor(keys, newProcess({ RT: await provider.signIn() }));
    await tokenOf(source);
    await provider.revokeAll('person');
    now += 3_600_000;
    await expect(tokenOf(source)).rejects.toMatchObject({ code: 'sign-in-needed' });
  });

  it.each([
    ['keychain-locked', { kind: 'locked-or-removed' }],
    ['keychain-unavailable', { kind: 'unavailable', reason: 'no D-Bus' }],
  ] as const)('are not spent while the keychain is out of reach: %s', async (code, answer) => {
    const keychain = { ...sharedKeychain(), readAnew: () => Promise.resolve(answer) };
    const source = sourceFor(keys, newProcess({ RT: await provider.signIn() }, { secrets: keychain }));
    await expect(tokenOf(source)).rejects.toMatchObject({ code });
    expect(provider.started).toBe(0);
  });

  it('are not spent while the lock cannot be had', async () => {
    const ports = newProcess({ RT: await provider.signIn() }, { locks: createProcessLocks(null) });
    await expect(tokenOf(sourceFor(keys, ports))).rejects.toMatchObject({ code: 'token-lock-unavailable' });
    expect(provider.started).toBe(0);
  });
});
