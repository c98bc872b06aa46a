import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { StdioBackend } from '../../support/gateway/backend-stdio';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { GatewayOptions } from '../../support/gateway/settings';
import { errorOf, RawRouter } from './raw-router';

// Starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const everything = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const handshake = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'raw router', version: '1' },
};

const pidsReply = z.object({ result: z.array(z.number()) });
const incrementReply = z.object({
  result: z.object({ structuredContent: z.object({ session: z.string(), count: z.number() }) }),
});

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function start(args: readonly string[], options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await startGateway({ backend: server(args), notifications: 'strict', ...options });
  return gateway;
}

const server = (args: readonly string[]): StdioBackend => ({
  kind: 'stdio',
  command: process.execPath,
  args,
});

/** A server that tells its process id, with a child of its own that ignores SIGTERM. */
const stubborn = (code = ''): readonly string[] => [
  '-e',
  `const child = require('node:child_process').spawn(process.execPath,
     ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'ignore' });
   ${code}
   require('node:readline').createInterface({ input: process.stdin }).on('line', (line) =>
     console.log(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: [process.pid, child.pid] })));`,
];

async function processIds(router: RawRouter): Promise<readonly number[]> {
  return pidsReply.parse(JSON.parse(await router.call('pids'))).result;
}

/** A killed process whose parent has not looked yet is a zombie: gone as well. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function increment(router: RawRouter, key: string): Promise<{ session: string; count: number }> {
  const call = { name: 'increment', arguments: { key } };
  const reply: unknown = JSON.parse(await router.call('tools/call', call, key));
  return incrementReply.parse(reply).result.structuredContent;
}

async function shakeHands(router: RawRouter): Promise<void> {
  await router.call('initialize', handshake);
  router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
}

describe('a stdio backend', () => {
  it('serves server-everything', async () => {
    const { url } = await start([everything, 'stdio']);
    const router = await RawRouter.connect(url);
    expect(await router.call('initialize', handshake)).toContain('mcp-servers/everything');
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const call = { name: 'echo', arguments: { message: 'one\u2028line' } };
    expect(await router.call('tools/call', call, 2)).toContain('Echo: one\\u2028line');
  });

  it('has one session for each connection, shared by default and system', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stateful-'));
    const record = join(folder, 'calls');
    const { url } = await start(['test/support/servers/stateful.mjs', '--record', record]);
    const one = await RawRouter.connect(url);
    const two = await RawRouter.connect(url);
    expect(errorOf(await one.call('tools/list'))).toBe('the handshake is not complete');
    await Promise.all([shakeHands(one), shakeHands(two)]);
    const first = await increment(one, 'a');
    expect(await increment(one, 'b')).toMatchObject({ session: first.session, count: 2 });
    const other = await increment(two, 'c');
    expect(other.count).toBe(1);
    expect(other.session).not.toBe(first.session);
    one.send({ jsonrpc: '2.0', id: 9, method: 'ping' }, { namespace: 'default' });
    expect(await one.nextPayload()).toBe('{"jsonrpc":"2.0","result":{},"id":9}');
    expect(readFileSync(record, 'utf8').trim().split('\n')).toHaveLength(3);
    rmSync(folder, { recursive: true });
  });

  it('is started at the first message only', async () => {
    const running = await start(['-e', 'process.exit(3)']);
    const router = await RawRouter.connect(running.url);
    expect(errorOf(await router.call('ping'))).toBe(
      '[router] forward_request: INTERNAL: failed to forward request: backend process exited (code 3): ',
    );
  });

  it('tells the last words of a server that dies, and of one that cannot start', async () => {
    const running = await start(['-e', 'console.error("no licence"); process.exit(1)']);
    const router = await RawRouter.connect(running.url);
    expect(errorOf(await router.call('ping'))).toContain('(code 1): no licence');
    running.reconfigure({ backend: { kind: 'stdio', command: '/does/not/exist' } });
    expect(errorOf(await router.call('ping'))).toContain('ENOENT');
  });

  it('says no to requests of a server, unless the gateway is duplex', async () => {
    const asking = [
      '-e',
      `console.log('{"jsonrpc":"2.0","id":"q","method":"roots/list"}');
       console.log('{"jsonrpc":"2.0","id":"p","method":"ping"}');
       const seen = [];
       let waiting = null;
       require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
         const message = JSON.parse(line);
         if (message.method) waiting = message.id; else seen.push(message);
         if (waiting !== null && seen.length === 2)
           console.log(JSON.stringify({ jsonrpc: '2.0', id: waiting, result: seen }));
       });`,
    ];
    const router = await RawRouter.connect((await start(asking)).url);
    expect(JSON.parse(await router.call('what did you hear'))).toMatchObject({
      result: [
        { id: 'q', error: { code: -32601 } },
        { id: 'p', result: {} },
      ],
    });
    expect(router.frames).toHaveLength(1);
  });
});

describe('reaping', () => {
  it('ends a server and its children when the router leaves', async () => {
    const running = await start(stubborn());
    const router = await RawRouter.connect(running.url);
    const pids = await processIds(router);
    expect(pids.map(isAlive)).toStrictEqual([true, true]);
    router.leave();
    await running.untilReaped();
    expect(pids.map(isAlive)).toStrictEqual([false, false]);
  });

  it('ends them when the router vanishes', async () => {
    const running = await start(stubborn());
    const router = await RawRouter.connect(running.url);
    const pids = await processIds(router);
    router.vanish();
    await running.until('the loss', () => running.connections.length === 0);
    await running.untilReaped();
    expect(pids.map(isAlive)).toStrictEqual([false, false]);
  });

  it.each(['stop', 'kill'] as const)('has ended every server when %s is over', async (way) => {
    const holdOn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
    const running = await start(stubborn(holdOn));
    const routers = await Promise.all([1, 2, 3].map(() => RawRouter.connect(running.url)));
    const pids = (await Promise.all(routers.map(processIds))).flat();
    expect(pids.map(isAlive)).toStrictEqual(Array(6).fill(true));
    await running[way]();
    expect(pids.map(isAlive)).toStrictEqual(Array(6).fill(false));
  });
});
