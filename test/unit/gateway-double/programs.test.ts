import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { routerConfigSchema } from '../../../src/shared/model/config';
import { endGroup, ownGroup } from '../../support/process-group';
import { RawRouter, refusal } from './raw-router';

// Starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const root = join(import.meta.dirname, '../../..');
const ready = z.object({ url: z.string(), port: z.number(), pid: z.number() });
const demoReady = z.object({
  configPath: z.string(),
  socketPath: z.string(),
  environment: z.record(z.string(), z.string()),
});

let programs = '';
const running: Program[] = [];

beforeAll(async () => {
  mkdirSync(join(root, 'out'), { recursive: true });
  programs = mkdtempSync(join(root, 'out/test-programs-'));
  await build({ root, configFile: join(root, 'vite.demo.config.ts'), build: { outDir: programs } });
}, 60_000);
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => endGroup(program.child, 5000)));
});
afterAll(() => {
  rmSync(programs, { recursive: true, force: true });
});

/** One of the built programs, started. */
class Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  readonly #lines: AsyncIterator<string>;
  stderr = '';

  constructor(name: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [join(programs, `${name}.js`), ...args], {
      ...ownGroup,
      cwd: root,
      stdio: 'pipe',
    });
    running.push(this);
    this.#exited = once(this.child, 'close').then(() => this.child.exitCode);
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  async line(): Promise<unknown> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error(`it ended before a line: ${this.stderr}`);
    const value: unknown = JSON.parse(next.value);
    return value;
  }

  /** Null after a signal. */
  async exitCode(): Promise<number | null> {
    return this.#exited;
  }
}

describe('the gateway as a program', () => {
  const stateful = join(root, 'test/support/servers/stateful.mjs');

  it('can be killed and started again on its port; what it recorded is still there', async () => {
    const record = join(programs, 'record');
    const args = ['--token', 'good', '--record', record, '--', process.execPath, stateful];
    const first = new Program('gateway', args);
    const { url, port, pid } = ready.parse(await first.line());
    expect(pid).toBe(first.child.pid);
    expect((await refusal(url)).status).toBe(401);
    const headers = { authorization: 'Bearer good' };
    const router = await RawRouter.connect(url, { headers });
    expect(await router.call('tools/list', {}, 'one')).toContain('the handshake is not complete');
    first.child.kill('SIGKILL');
    await router.until('the loss', () => router.close !== null);
    await first.exitCode();

    const second = new Program('gateway', ['--port', String(port), ...args]);
    expect(ready.parse(await second.line()).url).toBe(url);
    const again = await RawRouter.connect(url, { headers });
    await again.call('tools/list', {}, 'two');
    const recorded = readFileSync(record, 'utf8').trim().split('\n');
    expect(recorded.map((line): unknown => JSON.parse(line))).toMatchObject([
      { connection: 1, kind: 'request', method: 'tools/list', idText: '"one"' },
      { connection: 1, kind: 'request', method: 'tools/list', idText: '"two"' },
    ]);
  });

  it('takes its servers with it when it is killed', async () => {
    const lifeline = createServer().listen(0, '127.0.0.1');
    await once(lifeline, 'listening');
    const address = z.object({ port: z.number() }).parse(lifeline.address());
    const server = `require('node:net').connect(${address.port}, '127.0.0.1');
      process.stdin.resume().on('end', () => process.exit(0));`;
    const gateway = new Program('gateway', ['--', process.execPath, '-e', server]);
    const { url } = ready.parse(await gateway.line());
    const ends: Promise<unknown>[] = [];
    for (const router of [await RawRouter.connect(url), await RawRouter.connect(url)]) {
      router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
      const held = z.tuple([z.instanceof(Socket)]).parse(await once(lifeline, 'connection'));
      ends.push(once(held[0].resume(), 'close'));
    }
    gateway.child.kill('SIGKILL');
    await Promise.all(ends);
    lifeline.close();
  });

  it.each([
    ['SIGTERM', (program: Program) => program.child.kill('SIGTERM')],
    ['the end of stdin', (program: Program) => program.child.stdin.end()],
  ])('ends with 0 on %s', async (_, tell) => {
    const gateway = new Program('gateway', ['--', process.execPath, stateful]);
    await gateway.line();
    tell(gateway);
    expect(await gateway.exitCode()).toBe(0);
  });

  it('says what is missing', async () => {
    const gateway = new Program('gateway', []);
    expect(await gateway.exitCode()).toBe(1);
    expect(gateway.stderr).toContain('name the command of an MCP server');
  });
});

describe('the demo as a program', () => {
  it.each([
    ['SIGTERM', (program: Program) => program.child.kill('SIGTERM')],
    ['the end of stdin', (program: Program) => program.child.stdin.end()],
  ])('serves server-everything over TLS with a token, and leaves nothing behind on %s', async (_, tell) => {
    const demo = new Program('demo', []);
    const { configPath } = demoReady.parse(await demo.line());
    const { gateway } = routerConfigSchema.parse(parse(readFileSync(configPath, 'utf8')));
    const ca = readFileSync(gateway.tls.ca_cert_path ?? '', 'utf8');
    const token = readFileSync(gateway.auth.token_file ?? '', 'utf8').trim();
    expect((await refusal(gateway.url, { ca })).status).toBe(401);
    const router = await RawRouter.connect(gateway.url, {
      ca,
      headers: { authorization: `Bearer ${token}` },
    });
    const reply = await router.call('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'raw router', version: '1' },
    });
    expect(reply).toContain('mcp-servers/everything');
    tell(demo);
    expect(await demo.exitCode()).toBe(0);
    expect(existsSync(dirname(configPath))).toBe(false);
    expect(demo.stderr).toContain(gateway.url);
  });
});

describe('the round trip as a program', () => {
  it('fails with the last words of a router that does not work', async () => {
    const demo = new Program('demo', []);
    const { configPath } = demoReady.parse(await demo.line());
    const broken = join(programs, 'broken-router.mjs');
    const trip = new Program('round-trip', ['--config', configPath, '--router', broken]);
    expect(await trip.exitCode()).toBe(1);
    expect(trip.stderr).toContain('The round trip failed: ');
    expect(trip.stderr).toContain(`Cannot find module '${broken}'`);
  });

  it('names what it needs', async () => {
    const trip = new Program('round-trip', []);
    expect(await trip.exitCode()).toBe(1);
    expect(trip.stderr).toBe('name the configuration with --config FILE\n');
  });
});
