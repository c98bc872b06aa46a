import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { signIn, signOut, type SignedIn } from '../../src/main/engine/auth/oauth-sign-in';
import { oauthSource } from '../../src/main/engine/auth/oauth-source';
import type { EnginePorts } from '../../src/main/engine/ports';
import { createProcessLocks } from '../../src/main/platform/process-lock';
import type { RouterConfig } from '../../src/shared/model/config';
import { enginePorts, testConfig } from '../support/engine-client';
import { authenticate } from '../support/gateway/authenticate';
import { IdentityProvider, RESOURCE } from '../support/identity-provider';
import { PROVIDER_CA, providerAuthority, providerTls } from '../support/oauth-bench';
import { TemporaryHome } from '../support/router-process';
import { ScriptedBrowser } from '../support/scripted-browser';

const never = new AbortController().signal;

let provider: IdentityProvider;
let home: TemporaryHome;
let browser: ScriptedBrowser;
let entries: Map<string, string>;
let now: number;

beforeEach(async () => {
  provider = await IdentityProvider.start({ tls: providerTls });
  home = new TemporaryHome();
  browser = new ScriptedBrowser(providerAuthority.certificatePem);
  entries = new Map();
  now = Date.now();
});

afterEach(async () => {
  await provider.stop();
  home.remove();
});

function newProcess(): EnginePorts {
  const system = enginePorts({
    files: { [PROVIDER_CA]: { kind: 'found', value: providerAuthority.certificatePem } },
  });
  const read: EnginePorts['secrets']['read'] = (name) => {
    const value = entries.get(name);
    return Promise.resolve(value === undefined ? { kind: 'absent' } : { kind: 'found', value });
  };
  const done = Promise.resolve({ kind: 'done' } as const);
  return {
    ...system,
    clock: { now: () => now, after: system.clock.after },
    locks: createProcessLocks(join(home.path, 'locks')),
    secrets: {
      read,
      readAnew: read,
      write: (name, value) => {
        entries.set(name, value);
        return done;
      },
      delete: (name) => {
        entries.delete(name);
        return done;
      },
      list: () => Promise.resolve([]),
    },
  };
}

const config = (keys: object = {}): RouterConfig =>
  testConfig('wss://127.0.0.1:9/', {
    gateway: {
      auth: {
        type: 'oauth2',
        grant_type: 'authorization_code',
        issuer: provider.issuer,
        client_id: 'native',
        resource: RESOURCE,
        scopes: ['mcp:read'],
        tls: { ca_cert_path: PROVIDER_CA },
        ...keys,
      },
    },
  });

type Person = (url: string) => Promise<void>;

const agree: Person = async (url) => {
  expect((await browser.signIn(url)).status).toBe(200);
};

const signInWith = (keys: object = {}, person: Person = agree): Promise<SignedIn> =>
  signIn({ config: config(keys), ports: newProcess(), openUrl: person, signal: never });

async function token(keys: object = {}): Promise<string> {
  const fixed = config(keys);
  return (await oauthSource(() => fixed, newProcess()).current(never))?.secret.reveal() ?? '';
}

describe('signing in with the authorization code grant', () => {
  it('gives tokens that the gateway accepts, with PKCE and the resource in both requests', async () => {
    expect(await signInWith()).toEqual({ issuer: provider.issuer, clientId: 'native' });
    const verdict = await authenticate(provider.gatewayAuth, `Bearer ${await token()}`, new Date());
    expect(verdict).toEqual({ kind: 'accepted', user: 'tester' });
    const asked = browser.visited[0]?.searchParams;
    expect(asked?.get('code_challenge_method')).toBe('S256');
    expect(asked?.get('resource')).toBe(RESOURCE);
    expect(asked?.get('scope')).toBe('mcp:read offline_access');
    expect(provider.exchanges).toMatchObject([
      { parameters: { grant_type: 'authorization_code', resource: RESOURCE } },
    ]);
    expect(provider.exchanges[0]?.parameters['code_verifier']).toHaveLength(43);
  });

  it('is refreshed for the next process, and each refresh token is used once', async () => {
    await signInWith();
    now += 3_600_000;
    await token();
    now += 3_600_000;
    await token();
    expect(provider.exchanges.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('registers a client where none is configured', async () => {
    const { clientId } = await signInWith({ client_id: undefined });
    expect(clientId).not.toBe('native');
    now += 3_600_000;
    expect(await token({ client_id: undefined })).toMatch(/^eyJ/);
  });

  it('needs a person first', async () => {
    await expect(token()).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(provider.started).toBe(0);
  });

  it('needs a person again when the sign-in was ended, and asks the provider once only', async () => {
    await signInWith();
    const [entry] = entries;
    if (entry === undefined) throw new Error('nothing was stored');
    const [name, text] = entry;
    entries.set(name, text.replace(/"refreshToken":"[^"]*"/, '"refreshToken":"spent"'));
    now += 3_600_000;
    await expect(token()).rejects.toMatchObject({ code: 'sign-in-needed' });
    await expect(token()).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(provider.started).toBe(2);
  });

  it('that the person refuses is said so', async () => {
    const refusal = signInWith({}, async (url) => {
      await browser.signIn(url, 'abort');
    });
    await expect(refusal).rejects.toMatchObject({ code: 'oauth-refused' });
    expect([...entries]).toEqual([]);
  });

  it('ends with sign-out, there and here', async () => {
    await signInWith();
    const [stored] = entries;
    expect(await signOut({ config: config(), ports: newProcess() })).toBe('revoked');
    expect([...entries]).toEqual([]);
    expect(await signOut({ config: config(), ports: newProcess() })).toBe('nobody');
    if (stored !== undefined) entries.set(...stored);
    now += 3_600_000;
    await expect(token()).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(provider.exchanges.at(-1)).toMatchObject({ status: 400 });
  });
});

describe('SEC-46 an answer that is not for this sign-in', () => {
  /** The address that the provider sends the person back to, changed on the way. */
  const tampered = (change: (url: URL) => void): Person => {
    return async (address) => {
      const redirect = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
      redirect.searchParams.set('code', 'stolen');
      redirect.searchParams.set('state', new URL(address).searchParams.get('state') ?? '');
      redirect.searchParams.set('iss', provider.issuer);
      change(redirect);
      await browser.signIn(redirect.href);
    };
  };

  it.each([
    ['of another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['of another spelling of the issuer', (url: URL) => url.searchParams.set('iss', `${provider.issuer}/`)],
    ['without an issuer', (url: URL) => url.searchParams.delete('iss')],
  ])('%s is refused, and no code is sent anywhere', async (_which, change) => {
    await expect(signInWith({}, tampered(change))).rejects.toMatchObject({ code: 'oauth-misbehaved' });
    expect(provider.started).toBe(0);
  });

  it('of another state, path or host finds nobody, and the right one still comes in', async () => {
    const statuses: number[] = [];
    await signInWith({}, async (address) => {
      const knock = async (change: (url: URL) => void): Promise<void> => {
        await tampered((url) => {
          change(url);
        })(address).catch(() => undefined);
        const redirect = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
        change(redirect);
        statuses.push((await new ScriptedBrowser('').signIn(redirect.href)).status);
      };
      await knock((url) => url.searchParams.set('state', 'guessed'));
      await knock((url) => (url.pathname = '/callback'));
      await knock((url) => (url.hostname = 'localhost'));
      await agree(address);
    });
    expect(statuses).toEqual([404, 404, 404]);
  });
});
