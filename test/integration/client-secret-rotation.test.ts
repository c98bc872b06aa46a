import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { configuredSource } from '../../src/main/engine/auth/configured-source';
import { createEngine, previousEntry, rotationOf, slotsOf, type Engine } from '../../src/main/engine/index';
import type { EnginePorts, ProcessLocks, SecretStore } from '../../src/main/engine/ports';
import { createMemorySecrets } from '../../src/main/platform/memory-secrets';
import { routerConfigSchema, type RouterConfig } from '../../src/shared/model/config';
import type { RouterEvent } from '../../src/shared/model/events';
import { enginePorts, StreamTestClient, testConfig } from '../support/engine-client';
import { CLIENT_SECRET } from '../support/identity-provider';
import { OAuthBench, oauthMachine, providerAuthority } from '../support/oauth-bench';
import { openKeyring } from '../support/open-keyring';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { runTokenCommand, type Ended } from '../support/token-command';

const ENTRY = 'idp-secret';
const NEW_SECRET = 'canary-new-secret-0123456789';
const containing = (text: string): unknown => expect.stringContaining(text);

let bench: OAuthBench;
let secrets: SecretStore;
let locks: ProcessLocks;
let engines: Engine[];
let events: RouterEvent[];

beforeEach(async () => {
  bench = await OAuthBench.start();
  secrets = createMemorySecrets(() => new Date());
  await secrets.write(ENTRY, CLIENT_SECRET);
  locks = new SharedLocks();
  engines = [];
  events = [];
});

afterEach(async () => {
  for (const engine of engines) await engine.stop();
  await bench.stop();
});

/** What the processes of one user share. */
class SharedLocks implements ProcessLocks {
  private readonly last = new Map<string, Promise<unknown>>();

  exclusively<Value>(name: string, _limitMs: number, work: () => Promise<Value>): Promise<Value> {
    const turn = (this.last.get(name) ?? Promise.resolve()).then(work, work);
    this.last.set(name, turn);
    return turn;
  }
}

const ports = (): EnginePorts => ({ ...enginePorts(oauthMachine()), secrets, locks });
const keys = (changes: object = {}): Record<string, unknown> =>
  bench.keys({ client_secret_env: undefined, client_secret_secure_key: ENTRY, ...changes });
const config = (changes: object = {}): RouterConfig =>
  testConfig(bench.gateway.url, { gateway: keys(changes) });

function rotateTo(secret: string, of = config()): Promise<{ readonly name: string }> {
  const slot = slotsOf(of.gateway.auth, ports()).find(({ what }) => what === 'client-secret');
  if (slot === undefined) throw new Error('the configuration names no client secret');
  return rotationOf(slot, ports(), of).begin(secret);
}

async function stored(name = ENTRY): Promise<string | null> {
  const lookup = await secrets.readAnew(name);
  return lookup.kind === 'found' ? lookup.value : null;
}

const both = async (): Promise<readonly unknown[]> => [await stored(), await stored(previousEntry(ENTRY))];

/** A running engine, as another process would have it. */
function start(of = config()): Engine {
  const engine = createEngine(ports(), of, { hasKeeper: false });
  engines.push(engine);
  engine.onEvent((event) => events.push(event));
  engine.start();
  return engine;
}

async function ask(engine: Engine, id = 1): Promise<void> {
  const client = new StreamTestClient(engine);
  client.request(id, 'm');
  expect(await client.reply(id)).toHaveProperty('result');
}

const exchangesOf = (status: number): number =>
  bench.provider.exchanges.filter((exchange) => exchange.status === status).length;

describe('rotating an OAuth client secret', () => {
  it('SEC-52 asks for a token with the new one, connects with that, swaps, and keeps the old one', async () => {
    await bench.provider.acceptSecrets('service', CLIENT_SECRET, NEW_SECRET);
    expect(await rotateTo(NEW_SECRET)).toMatchObject({ name: 'rotated' });
    expect(await both()).toEqual([NEW_SECRET, CLIENT_SECRET]);
    expect([exchangesOf(200), bench.gateway.recording.upgrades.length]).toEqual([1, 1]);
  });

  it('SEC-52 changes nothing when the identity provider does not know the new one', async () => {
    expect(await rotateTo('wrong')).toMatchObject({
      name: 'not-proven',
      isRefused: true,
      cause: { code: 'oauth-refused', detail: containing('invalid_client') },
    });
    expect([await both(), bench.gateway.recording.upgrades]).toEqual([[CLIENT_SECRET, null], []]);
  });

  it('SEC-52 changes nothing when the gateway refuses the token that the new one gives', async () => {
    await bench.provider.acceptSecrets('service', NEW_SECRET);
    bench.gateway.reconfigure({ auth: { kind: 'tokens', tokens: ['another'] } });
    expect(await rotateTo(NEW_SECRET)).toMatchObject({ name: 'not-proven', cause: { code: 'auth-failed' } });
    expect(await both()).toEqual([CLIENT_SECRET, null]);
  });

  it('SEC-52 changes nothing when the identity provider cannot be reached, and says that', async () => {
    const of = config();
    await bench.provider.stop();
    expect(await rotateTo(NEW_SECRET, of)).toMatchObject({
      name: 'not-proven',
      isRefused: false,
      cause: { code: 'oauth-unreachable' },
    });
    expect(await both()).toEqual([CLIENT_SECRET, null]);
  });

  it.each(['refresh_token', 'password'])('works for the grant %s', async (grant) => {
    await bench.provider.acceptSecrets('person', CLIENT_SECRET, NEW_SECRET);
    await secrets.write('refresh', await bench.provider.signIn());
    const of = config({
      client_id: 'person',
      grant_type: grant,
      ...(grant === 'password'
        ? { username: 'tester', password_env: 'MY_PASSWORD' }
        : { refresh_token_secure_key: 'refresh' }),
    });
    await ask(start(of));
    expect(await rotateTo(NEW_SECRET, of)).toMatchObject({ name: 'rotated' });
    // The refresh token that came with the proof is the one that other processes use.
    await bench.provider.acceptSecrets('person', NEW_SECRET);
    await ask(start(of), 2);
    expect(exchangesOf(400) + exchangesOf(401)).toBe(0);
  });

  it('does not spend a refresh token that only the running router knows', async () => {
    const of = config({
      client_id: 'person',
      grant_type: 'refresh_token',
      refresh_token_secure_key: 'refresh',
      token_storage: 'memory',
    });
    expect(await rotateTo(NEW_SECRET, of)).toMatchObject({
      name: 'not-proven',
      isRefused: false,
      cause: { detail: containing('memory') },
    });
    expect(bench.provider.started).toBe(0);
  });

  it('asks once for endpoints that share it, and connects to each', async () => {
    await bench.provider.acceptSecrets('service', NEW_SECRET);
    const { url } = bench.gateway;
    const pool = routerConfigSchema.parse({
      gateway: keys(),
      gateway_pool: { endpoints: [{ url }, { url: url.replace('127.0.0.1', 'localhost') }] },
    });
    expect(await rotateTo(NEW_SECRET, pool)).toMatchObject({ name: 'rotated' });
    expect([exchangesOf(200), bench.gateway.recording.upgrades.length]).toEqual([1, 2]);
  });
});

describe('SEC-52 the new client secret is refused within the overlap', () => {
  beforeEach(async () => {
    await bench.provider.acceptSecrets('service', CLIENT_SECRET, NEW_SECRET);
    await rotateTo(NEW_SECRET);
    await bench.provider.acceptSecrets('service', CLIENT_SECRET);
  });

  it('the old one is in use again, no request fails, and it is told and shown', async () => {
    const engine = start();
    await ask(engine);
    expect(await both()).toEqual([CLIENT_SECRET, null]);
    const told = events.filter(({ kind }) => kind === 'credential-rolled-back');
    expect(told).toMatchObject([{ what: 'client-secret', name: ENTRY }]);
    expect(engine.status().degradations).toMatchObject([
      {
        code: 'credential-rolled-back',
        text: containing('The identity provider refused the new client secret'),
      },
    ]);
    expect(JSON.stringify([events, engine.status()])).not.toContain('canary');
  });

  it('a router that still has a token finds out as soon as the secret changes', async () => {
    await bench.provider.acceptSecrets('service', CLIENT_SECRET, NEW_SECRET);
    await secrets.write(ENTRY, CLIENT_SECRET);
    const engine = start();
    await ask(engine);
    await rotateTo(NEW_SECRET);
    await bench.provider.acceptSecrets('service', CLIENT_SECRET);
    await engine.renewCredential();
    expect(await both()).toEqual([CLIENT_SECRET, null]);
    await ask(engine, 2);
  });

  it('of two processes one puts it back, and both go on', async () => {
    await Promise.all([ask(start()), ask(start())]);
    expect(await both()).toEqual([CLIENT_SECRET, null]);
    expect(events.filter(({ kind }) => kind === 'credential-rolled-back')).toHaveLength(1);
  });

  it('and so is the old one: nothing is put back, and the identity provider is not asked again and again', async () => {
    await bench.provider.acceptSecrets('service', 'another');
    const before = bench.provider.started;
    const engine = start();
    for (let more = 0; more < 3; more += 1) {
      const client = new StreamTestClient(engine);
      client.request(1, 'm');
      expect((await client.reply(1)).error?.data).toMatchObject({ code: 'oauth-refused' });
    }
    expect(await both()).toEqual([NEW_SECRET, CLIENT_SECRET]);
    expect(bench.provider.started - before).toBe(2);
  });

  it('a way back is looked for once for each refusal, not for each caller that is told of it', async () => {
    await bench.provider.acceptSecrets('service', 'another');
    const of = config();
    let asked = 0;
    const source = configuredSource(
      () => of,
      ports(),
      () => {
        asked += 1;
        return Promise.resolve(false);
      },
    );
    const signal = new AbortController().signal;
    for (let more = 0; more < 3; more += 1) {
      await expect(source.current(signal)).rejects.toMatchObject({ code: 'oauth-refused' });
    }
    expect(asked).toBe(1);
  });
});

describe.skipIf(process.platform !== 'linux')('mcp-router token with an OAuth client secret', () => {
  let home: TemporaryHome;
  beforeEach(() => {
    home = new TemporaryHome();
    home.write('idp-ca.pem', providerAuthority.certificatePem, 0o644);
  });
  afterEach(() => {
    home.remove();
  });

  const write = (secret: string): string =>
    home.write(
      'router.yaml',
      `gateway:
  url: ${bench.gateway.url}
  auth:
    type: oauth2
    client_id: service
    ${secret}
    token_endpoint: ${bench.provider.tokenEndpoint}
    tls: { ca_cert_path: ${home.path}/idp-ca.pem }
security: { rotation_days: 3650 }
`,
    );

  it('SEC-52 in a real keyring: set, rotate, list, rollback, beside a running bridge', async () => {
    const desk = await openKeyring(home.path);
    const path = write(`client_secret_secure_key: ${ENTRY}`);
    const token = (args: readonly string[], stdin = ''): Promise<Ended> =>
      runTokenCommand(home, args, stdin, desk.env);
    await bench.provider.acceptSecrets('service', CLIENT_SECRET, NEW_SECRET);
    expect(await token(['set', ENTRY], CLIENT_SECRET)).toMatchObject({ code: 0 });
    const router = new RouterProcess(home, { args: ['-c', path], env: desk.env });
    try {
      router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
      expect(await router.reply(1)).toHaveProperty('result');
      const rotated = await token(['rotate', ENTRY, '-c', path], `${NEW_SECRET}\n`);
      expect(rotated).toMatchObject({ code: 0, stdout: containing('accepts the new client secret') });
      await router.until('it is taken', () => router.stderr.includes('credential changed,'));
      // The bridge has asked with the new one by itself.
      await bench.provider.until('a third', () => exchangesOf(200) === 3);
      expect((await token(['list', '-c', path])).stdout).toMatch(/^idp-secret +stored .* kept until/m);
      await bench.provider.acceptSecrets('service', CLIENT_SECRET);
      expect(await token(['rotate', '-c', path], 'wrong')).toMatchObject({ code: 1 });
      expect(await token(['rollback', '-c', path])).toMatchObject({ code: 0 });
      router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
      expect(await router.reply(2)).toHaveProperty('result');
      const said = rotated.stdout + rotated.stderr + router.stderr + router.lines.join('');
      expect(said).not.toContain('canary');
    } finally {
      await router.end();
      await desk.end();
    }
  });

  it('SEC-52 in a file, killed at each moment: what is there works, and the old one is not lost', async () => {
    await bench.provider.acceptSecrets('service', CLIENT_SECRET, NEW_SECRET);
    const path = write(`client_secret_file: ${home.path}/secret`);
    const preload = `--require=${process.cwd()}/test/support/kill-at-step.cjs`;
    const found = new Set<string>();
    for (let at = 1; at < 20; at += 1) {
      home.write('secret', CLIENT_SECRET);
      const ended = await runTokenCommand(home, ['rotate', '-c', path], NEW_SECRET, {
        KILL_AT: String(at),
        NODE_OPTIONS: preload,
      });
      if (ended.code === 0) break;
      found.add(readFileSync(`${home.path}/secret`, 'utf8').trim());
    }
    expect([...found]).toEqual([CLIENT_SECRET, NEW_SECRET]);
  });

  it('says what is configured when it is asked for something else', async () => {
    const path = write('client_secret_env: S');
    const token = (...args: readonly string[]): Promise<Ended> =>
      runTokenCommand(home, [...args, '-c', path], NEW_SECRET, { S: CLIENT_SECRET });
    expect((await token('rotate')).stderr).toContain('the client secret comes from the variable S');
    expect((await token('rotate', '--what', 'token')).stderr).toMatch(
      /no token is in use; configured: .*client secret/,
    );
    expect((await token('rollback', '--what', 'certificate')).stderr).toContain(
      'no client certificate is in use',
    );
    expect((await token('rotate', '--endpoint', 'wss://else.where/')).stderr).toContain('configured: ws');
    expect(await token('rotate', '--what', 'everything')).toMatchObject({ code: 64 });
    expect(await token('rotate', '--certificate', 'only')).toMatchObject({ code: 64 });
  });
});
