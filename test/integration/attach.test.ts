import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, AttachBench, killed } from '../support/attach-bench';

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start();
});

afterEach(async () => {
  await bench.stop();
});

describe('a client on stdio', () => {
  it('is served by the router that runs, which holds the configuration', async () => {
    await bench.serve();
    const client = await bench.client();
    expect(client.stderr).toContain(`attached to the router on ${bench.socketPath}`);
    client.send(ask(1));
    expect(await client.reply(1, 30_000)).toHaveProperty('result');
    expect(await client.end()).toBe(0);
    expect(client.lines).toHaveLength(1);
  });

  it.each([
    [['--standalone'], {}, /--standalone was given/],
    [[], { MCP_LOCAL_REQUEST_TIMEOUT_MS: '1000' }, /MCP_LOCAL_REQUEST_TIMEOUT_MS is set/],
    [[], { MCP_AUTH_TOKEN: 'own-token' }, /MCP_AUTH_TOKEN is set/],
  ])('SEC-78 with %j and %j of its own runs its own engine, and says why', async (args, env, why) => {
    await bench.serve();
    const client = await bench.client(args, env);
    expect(client.stderr).toMatch(why);
    expect(client.stderr).not.toContain('own-token');
    await client.end();
  });

  it('is attached in spite of variables of other programs', async () => {
    await bench.serve();
    const client = await bench.client([], { MCP_SOMEBODY_ELSE: '1' });
    expect(client.stderr).toContain('attached to');
    await client.end();
  });

  it('finds the socket that the configuration names', async () => {
    const own = `local: { socket: { path: ${bench.home.path}/other/router.sock } }\n`;
    mkdirSync(`${bench.home.path}/.config/claude-cli`, { recursive: true, mode: 0o700 });
    bench.configure(own, '.config/claude-cli/mcp-router.yaml');
    await bench.serve();
    const client = await bench.client();
    expect(client.stderr).toContain(`attached to the router on ${bench.home.path}/other/router.sock`);
    await client.end();
  });

  it('finds a router that was started with other variables, and so does a second router', async () => {
    const router = bench.run(['serve', '--config', bench.config], { XDG_RUNTIME_DIR: '' });
    await router.until('the socket', () => router.stderr.includes('listening'), 30_000);
    const inState = `${bench.home.path}/.local/state/mcp-router/run/router.sock`;
    const client = await bench.client();
    expect(client.stderr).toContain(`attached to the router on ${inState}`);
    const second = bench.run(['serve', '--config', bench.config]);
    await second.until(
      'the word',
      () => second.stderr.includes(`another router listens on ${inState}`),
      30_000,
    );
  });

  it('runs its own engine where none is there, and with --attach-only waits for one, within --wait', async () => {
    expect((await bench.client()).stderr).toMatch(/runs its own engine, because no router listens/);
    const bounded = await bench.client(['--attach-only', '--wait', '0']);
    bounded.send(ask(1));
    expect(await bounded.reply(1)).toMatchObject({
      error: { data: { code: 'router-away', retryable: true } },
    });
    const patient = await bench.client(['--attach-only', '--wait', '60']);
    patient.send(ask(1));
    await bench.serve();
    expect(await patient.reply(1, 30_000)).toHaveProperty('result');
  });
});

describe('SEC-77 a socket that another user may have put there gets nothing', () => {
  it.skipIf(process.platform === 'win32').each([
    ['its folder is open to others', (): void => chmodSync(bench.folder, 0o755), /chmod 700/],
    ['it is open to others itself', (): void => chmodSync(bench.socketPath, 0o666), /chmod 600/],
  ])('%s', async (_name, spoil, advice) => {
    await bench.serve();
    spoil();
    const client = await bench.client(['--attach-only', '--wait', '0']);
    await client.until('the reason', () => advice.test(client.stderr));
    client.send(ask(1));
    expect(await client.reply(1)).toMatchObject({ error: { data: { code: 'router-away' } } });
    expect(bench.gateway.recording.requests('m')).toHaveLength(0);
  });

  it.skipIf(process.getuid?.() !== 0)('another user owns the folder (needs root)', async () => {
    await bench.serve();
    chownSync(bench.folder, 65_534, 65_534);
    const client = await bench.client(['--attach-only', '--wait', '0']);
    await client.until('the reason', () => client.stderr.includes('belongs to another user'));
  });

  it.skipIf(process.getuid?.() !== 0)('SEC-18 another user cannot connect (needs root)', async () => {
    await bench.serve();
    chmodSync(bench.home.path, 0o755);
    chmodSync(`${bench.home.path}/run`, 0o755);
    const program = `require('net').connect(${JSON.stringify(bench.socketPath)}).on('error', (e) => console.log(e.code)).on('connect', () => process.exit(1))`;
    const other = spawnSync(process.execPath, ['-e', program], { uid: 65_534, gid: 65_534, cwd: '/' });
    expect(other.stdout.toString()).toBe('EACCES\n');
  });
});

describe('the socket of the router', () => {
  it('SEC-18 is 0600 in a folder of 0700, and goes away with the router', async () => {
    const router = await bench.serve();
    expect([statSync(bench.folder).mode & 0o777, statSync(bench.socketPath).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    expect(existsSync(bench.socketPath)).toBe(false);
  });

  it('is taken over from a router that was killed', async () => {
    await killed(await bench.serve());
    expect(existsSync(bench.socketPath)).toBe(true);
    await bench.serve();
    expect((await bench.client()).stderr).toContain('attached to');
  });

  it('belongs to the first of two; the second says so and goes on without', async () => {
    await bench.serve();
    const second = bench.run(['serve', '--config', bench.config]);
    await second.until('the word', () => second.stderr.includes('another router listens'), 30_000);
    await bench.gateway.until('its keeper', ({ connections }) => connections.length === 2);
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect((await bench.client()).stderr).toContain('attached to');
  });

  it('is not made where a file is in the way', async () => {
    mkdirSync(bench.folder, { recursive: true, mode: 0o700 });
    writeFileSync(bench.socketPath, '');
    const router = bench.run(['serve', '--config', bench.config]);
    await router.until('the word', () => router.stderr.includes('exists and is not a socket'), 30_000);
    await bench.gateway.until('its keeper', ({ connections }) => connections.length === 1);
  });

  it('costs no session for a program that only looks', async () => {
    await bench.serve();
    for (let round = 0; round < 20; round += 1) {
      const client = await bench.client();
      await client.end();
    }
    expect(bench.gateway.recording.upgrades).toHaveLength(1);
  }, 120_000);
});
