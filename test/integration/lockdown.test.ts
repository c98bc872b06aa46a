import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, AttachBench, killed } from '../support/attach-bench';
import { deferred } from '../support/deferred';
import { EngineUnderTest, StreamTestClient, testConfig } from '../support/engine-client';
import type { RouterProcess } from '../support/router-process';
import { containing, matching } from '../unit/platform/text-matchers';

const LIMIT_MS = 30_000;

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start();
});

afterEach(async () => {
  await bench.stop();
});

const marker = (): string => `${bench.home.path}/.local/state/mcp-router/lockdown.json`;
const repliesTo = (router: RouterProcess, id: number): number =>
  router.parsed().filter((reply) => reply['id'] === id).length;
const REFUSED = {
  error: { code: -32000, data: { code: 'locked-down', retryable: false, limited_by: 'router' } },
};

async function command(
  ...args: readonly string[]
): Promise<{ code: number | null; said: string; stderr: string }> {
  const router = bench.run(args);
  const code = await router.end();
  return { code, said: router.lines.join('\n'), stderr: router.stderr };
}

/** A bridge with an engine of its own. */
function standalone(): RouterProcess {
  return bench.run(['--config', bench.config]);
}

describe('mcp-router lockdown', () => {
  it('SEC-58 reaches every router that runs: what is in flight fails once, and nothing passes any more', async () => {
    const serve = await bench.serve();
    const routers = [await bench.client(), standalone(), standalone()];
    const held = deferred();
    bench.gateway.faults.always({ kind: 'hold-reply', until: held.promise });
    for (const router of routers) for (const id of [1, 2, 3]) router.send(ask(id));
    const isAll = (): boolean => bench.gateway.recording.requests().length === 9;
    await bench.gateway.until('all requests', isAll, LIMIT_MS);

    const locked = await command('lockdown', '--config', bench.config);
    expect(locked.code).toBe(0);
    expect(locked.said).toContain('Locked down: nothing passes');
    for (const router of routers) {
      for (const id of [1, 2, 3]) expect(await router.reply(id, LIMIT_MS)).toMatchObject(REFUSED);
      router.send(ask(4, 'initialize'));
      expect(await router.reply(4, LIMIT_MS)).toMatchObject(REFUSED);
    }
    expect(serve.stderr).toContain('locked down, nothing passes');
    await bench.gateway.until('no connection', ({ connections }) => connections.length === 0, LIMIT_MS);
    held.resolve();

    const released = await command('lockdown', 'release', '--yes');
    expect(released.code).toBe(0);
    for (const router of routers) {
      await router.until('the end of it', () => answers(router, 5), LIMIT_MS);
      for (const id of [1, 2, 3, 4]) expect(repliesTo(router, id)).toBe(1);
    }
    expect(bench.gateway.recording.requests().filter(({ method }) => method === 'initialize')).toEqual([]);
  });

  it('SEC-58 survives a restart: whoever starts looks before it connects, until a person ends it', async () => {
    await command('lockdown');
    const before = statSync(marker());
    expect(before.mode & 0o777).toBe(0o600);
    for (let starts = 0; starts < 2; starts += 1) {
      const router = standalone();
      router.send(ask(1));
      expect(await router.reply(1, LIMIT_MS)).toMatchObject(REFUSED);
      await killed(router);
    }
    expect(bench.gateway.recording.upgrades).toHaveLength(0);
    const again = await command('lockdown');
    expect(again).toMatchObject({
      code: 0,
      said: matching(/^Locked down since \d{4}-/),
    });
    expect(statSync(marker()).ino).toBe(before.ino);

    const unsure = await command('lockdown', 'release');
    expect(unsure).toMatchObject({
      code: 1,
      stderr: 'It stays locked down, because nobody can be asked; use --yes.\n',
    });
    expect((await command('lockdown', 'status')).code).toBe(1);
    expect((await command('lockdown', 'release', '--yes')).code).toBe(0);
    expect(await command('lockdown', 'status', '--json')).toMatchObject({
      code: 0,
      said: '{"locked":false}',
    });
    const router = standalone();
    router.send(ask(1));
    expect(await router.reply(1, LIMIT_MS)).toHaveProperty('result');
  });

  it.each([
    ['holds nothing', (path: string) => writeFileSync(path, '', { mode: 0o600 })],
    ['others could write', (path: string) => writeFileSync(path, '{}', { mode: 0o666 })],
    ['is a folder', (path: string) => mkdirSync(path)],
  ])('SEC-58 a marker that %s counts, while it runs and when it starts', async (_name, make) => {
    const router = standalone();
    router.send(ask(1));
    await router.reply(1, LIMIT_MS);
    mkdirSync(dirname(marker()), { recursive: true, mode: 0o700 });
    make(marker());
    await router.until('locked down', () => router.stderr.includes('locked down, nothing passes'), LIMIT_MS);
    router.send(ask(2));
    expect(await router.reply(2, LIMIT_MS)).toMatchObject(REFUSED);
    const later = standalone();
    later.send(ask(1));
    expect(await later.reply(1, LIMIT_MS)).toMatchObject(REFUSED);
    const status = await command('lockdown', 'status');
    expect(status.said).toContain('is there, but cannot be used');
    rmSync(marker(), { recursive: true });
    await router.until('the end of it', () => answers(router, 3), LIMIT_MS);
  });

  it('is not had where it cannot be written, which is said', async () => {
    mkdirSync(dirname(dirname(marker())), { recursive: true, mode: 0o700 });
    writeFileSync(dirname(marker()), 'a file in place of the folder');
    const { code, stderr } = await command('lockdown');
    expect(code).toBe(2);
    expect(stderr).toContain('Nothing is locked down: ');
  });

  it('SEC-58 is not waited for by an audit log that cannot be written, also under audit_all', async () => {
    const file = bench.home.write('file', 'no folder');
    bench.configure(
      `logging: { audit: { output: ${file}/audit.log } }\nadvanced: { compliance: { audit_all: true } }\n`,
    );
    const { code, stderr } = await command('lockdown', '--config', bench.config);
    expect(code).toBe(0);
    expect(stderr).toContain('"lockdown" is not in the audit log');
    expect(readFileSync(marker(), 'utf8')).toContain('"by":"command"');
  });

  it('lets nobody try a new token or sign in meanwhile', async () => {
    await command('lockdown');
    bench.configure('', 'other.yaml');
    const text = readFileSync(bench.config, 'utf8').replace(
      'type: none',
      'type: bearer, token_secure_key: x',
    );
    const path = bench.home.write('bearer.yaml', text);
    expect((await command('token', 'rotate', '--config', path)).stderr).toContain('mcp-router token set');
    const person = text.replace(/auth: .*\} \}/, 'auth: { type: oauth2, grant_type: authorization_code } }');
    const signing = bench.home.write('person.yaml', person);
    expect(await command('sign-in', '--no-browser', '--config', signing)).toMatchObject({
      code: 1,
      stderr: containing('MCP Router is locked down'),
    });
    expect(bench.gateway.recording.upgrades).toHaveLength(0);
  });
});

/** True when the last request was answered; a refused one is asked again. */
function answers(router: RouterProcess, firstId: number): boolean {
  const last = router
    .parsed()
    .filter(({ id }) => typeof id === 'number' && id >= firstId)
    .at(-1);
  if (last !== undefined && 'result' in last) return true;
  const id = typeof last?.['id'] === 'number' ? last['id'] + 1 : firstId;
  if (last !== undefined || !asked.has(router)) router.send(ask(id));
  asked.add(router);
  return false;
}
const asked = new WeakSet<RouterProcess>();

describe('an engine that is locked down', () => {
  it('SEC-59 forgets the token that it holds, and asks for it anew afterwards', async () => {
    let runs = 0;
    const machine = {
      commands: {
        run: () => Promise.resolve({ kind: 'done', output: `token-${String((runs += 1))}` } as const),
      },
    };
    const auth = { type: 'bearer', token_command: ['give-token'] };
    const under = new EngineUnderTest(testConfig(bench.gateway.url, { gateway: { auth } }), { machine });
    const client = new StreamTestClient(under.engine);
    try {
      under.engine.start();
      client.request(1, 'a');
      await client.reply(1);
      await under.engine.setLockdown({ since: 0, by: 'command', problem: null });
      expect(under.engine.status()).toMatchObject({
        shown: 'locked',
        isSwitchedOn: true,
        lockdown: { by: 'command' },
      });
      under.engine.connect();
      await under.engine.renewCredential();
      client.request(2, 'b');
      expect(await client.reply(2)).toMatchObject(REFUSED);
      expect(bench.gateway.recording.upgrades).toHaveLength(1);
      const before = runs;
      await under.engine.setLockdown(null);
      client.request(3, 'c');
      expect(await client.reply(3)).toHaveProperty('result');
      expect(runs).toBe(before + 1);
      expect(under.kinds('locked-down')).toHaveLength(1);
      expect(under.kinds('lockdown-released')).toHaveLength(1);
    } finally {
      await under.engine.stop();
    }
  });

  it('stays switched off afterwards, if it was switched off', async () => {
    const under = new EngineUnderTest(testConfig(bench.gateway.url), { hasKeeper: true });
    under.engine.start();
    await under.until('connected', () => under.engine.status().shown === 'connected');
    await under.engine.disconnect();
    await under.engine.setLockdown({ since: 0, by: 'tray', problem: null });
    await under.engine.setLockdown(null);
    expect(under.engine.status().shown).toBe('disconnected');
    expect(bench.gateway.recording.upgrades).toHaveLength(1);
    await under.engine.stop();
  });
});
