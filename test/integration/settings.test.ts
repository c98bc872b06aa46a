import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLiveFiles, type LiveFiles } from '../../src/main/compose/live-files';
import { createEngine } from '../../src/main/engine';
import { createMachine } from '../../src/main/platform/machine';
import { ChangeSignal } from '../support/change-signal';
import { EngineUnderTest, enginePorts, StreamTestClient, testConfig } from '../support/engine-client';
import type { FunctionBackend } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { HttpBench } from '../support/http-bench';
import { ManualClock } from '../support/manual-clock';
import { RecordedHttpServer } from '../support/recorded-http-server';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('a setting is heeded', () => {
  it('gateway.default_namespace: methods without a namespace of their own go there', async () => {
    const client = bench.attach({ gateway: { default_namespace: 'k8s' } });
    client.request(1, 'resources/list');
    await client.reply(1);
    const [frame] = gateway.recording.messages;
    expect(frame?.envelope?.targetNamespace).toBe('k8s');
  });

  it('local.max_server_requests: the server is refused above it, and not at it', async () => {
    const answers: unknown[] = [];
    const curious: FunctionBackend = {
      kind: 'function',
      handle: (message, reply, session) => {
        if (message.method === '') answers.push(message.error ?? message.result);
        else {
          for (const id of ['q1', 'q2', 'q3']) session.send({ id, method: 'roots/list' });
          reply.result({});
        }
      },
    };
    await gateway.restart({ backend: curious, duplex: true });
    const client = bench.attach({ local: { max_server_requests: 2 } });
    client.request(1, 'ask');
    await client.reply(1);
    await client.until(
      'two questions',
      () => client.replies.filter(({ method }) => method === 'roots/list').length === 2,
    );
    client.send({ jsonrpc: '2.0', id: 'q2', result: {} });
    await bench.under.until('the drop', () => bench.under.kinds('message-dropped').length === 1);
    expect(client.replies.filter(({ method }) => method === 'roots/list')).toHaveLength(2);
  });

  it('local.rate_limit.enabled: false lets everything through', async () => {
    const client = bench.attach({
      local: { rate_limit: { enabled: false, requests_per_second: 0.001, burst: 1 } },
    });
    for (const id of [1, 2, 3]) client.request(id, 'm');
    expect((await client.reply(3)).result).toBeDefined();
  });
});

describe('the end of a client is heeded', () => {
  it('local.drain_timeout_ms: what is owed is waited for exactly so long', async () => {
    gateway.faults.always({ kind: 'drop-reply' });
    const clock = new ManualClock();
    // Longer than the default, so that a timer of the default would be noticed as well.
    const config = testConfig(gateway.url, { local: { drain_timeout_ms: 20_000 } });
    const under = new EngineUnderTest(config, { clock });
    under.engine.start();
    const client = new StreamTestClient(under.engine);
    client.request(1, 'never');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    const timers = clock.waiting;
    client.input.end();
    while (clock.waiting === timers) await turn();
    clock.advance(19_999);
    // Replies are written in later turns; a client that was given up would have its reply by then.
    for (let count = 0; count < 20; count += 1) await turn();
    expect(client.lines).toEqual([]);
    clock.advance(1);
    await client.left;
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['request-timeout']);
    await under.engine.stop();
  });
});

describe('gateway.connection.reconnect is heeded', () => {
  /** How long the keeper waits each time, in front of a port where nothing listens. */
  async function waits(
    reconnect: object,
    random: number,
    tries: number,
  ): Promise<readonly (number | string)[]> {
    const clock = new ManualClock();
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const address = free.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));
    const config = testConfig(`ws://127.0.0.1:${String(port)}/`, { gateway: { connection: { reconnect } } });
    const engine = createEngine({ ...enginePorts(), clock, random: () => random }, config, {
      hasKeeper: true,
    });
    const changes = new ChangeSignal();
    engine.onEvent(() => {
      changes.changed();
    });
    const found: (number | string)[] = [];
    engine.start();
    for (let count = 0; count < tries; count += 1) {
      await changes.until('an end of the try', () =>
        ['waiting', 'failed'].includes(engine.status().keeper.name),
      );
      const { keeper } = engine.status();
      if (keeper.name !== 'waiting') {
        found.push(keeper.name);
        break;
      }
      const waitMs = keeper.retryAt - clock.now();
      found.push(waitMs);
      clock.advance(waitMs);
    }
    await engine.stop();
    return found;
  }

  const plain = { initial_delay_ms: 100, max_delay_ms: 1000, multiplier: 3, jitter: 0, max_attempts: -1 };

  it('initial_delay_ms, multiplier and max_delay_ms: the waits grow from one to the other', async () => {
    expect(await waits(plain, 0.5, 4)).toEqual([100, 300, 900, 1000]);
  });

  it('jitter: this share of a wait is random', async () => {
    expect(await waits({ ...plain, jitter: 0.5 }, 0, 2)).toEqual([50, 150]);
  });

  it('max_attempts: after so many tries again it is given up', async () => {
    expect(await waits({ ...plain, max_attempts: 2 }, 0.5, 5)).toEqual([100, 300, 'failed']);
  });
});

describe('logging is heeded by the command line', () => {
  it('logging.output, logging.format and logging.level: lines of text in that file, from that level on', async () => {
    const home = new TemporaryHome();
    const log = `${home.path}/router.log`;
    const path = home.write(
      'router.yaml',
      `gateway: { url: "${gateway.url}", auth: { type: none } }\nlogging: { level: debug, format: text, output: ${log} }\n`,
    );
    const router = new RouterProcess(home, { args: ['--config', path] });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.reply(1);
    router.child.stdin?.end();
    expect(await router.exited).toBe(0);
    const text = readFileSync(log, 'utf8');
    home.remove();
    expect(text).toMatch(/debug/i);
    expect(text).not.toMatch(/^\{/m);
    // Which engine it is stands there in any case; it is no line of the log.
    expect(router.stderr).toBe('mcp-router: runs its own engine, because --config was given\n');
  });
});

const FRAMES = 'advanced: { debug: { log_frames: true, max_logged_frame_bytes: 300 } }\n';
const CARD = '4111 1111 1111 1111';
const JWT = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N'].join('.');

describe('what of a message reaches the log', () => {
  /** One call with words that nobody should see, and all that the program wrote about it. */
  async function written(more: string): Promise<string> {
    const home = new TemporaryHome();
    const url = `gateway: { url: "${gateway.url}", auth: { type: bearer, token_file: ${home.write('token', 'router-secret-1')} } }\n`;
    const router = new RouterProcess(home, {
      args: ['--config', home.write('router.yaml', `${url}${more}`)],
    });
    const words = {
      said: 'PATIENT 17',
      card: CARD,
      jwt: JWT,
      held: 'router-secret-1',
      long: 'z'.repeat(2000),
    };
    router.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: words } });
    await router.reply(1);
    router.child.stdin?.end();
    expect(await router.exited).toBe(0);
    home.remove();
    return router.stderr;
  }

  it('SEC-55 nothing of its content, unless advanced.debug.log_frames is on', async () => {
    const log = await written('logging: { level: debug }\n');
    for (const word of ['PATIENT 17', CARD, JWT, 'router-secret-1', '"frame"'])
      expect(log).not.toContain(word);
  });

  it('advanced.debug.log_frames: it is shown cut and without secrets, with a loud warning', async () => {
    const log = await written(FRAMES);
    expect(log).toMatch(/"level":"warn","msg":"advanced.debug.log_frames is on/);
    expect(log).toMatch(/"msg":"frame","direction":"to-gateway".*"method":"tools\/call".*PATIENT 17/);
    expect(log).toMatch(/"direction":"from-gateway"/);
    expect(log).toContain(CARD);
    for (const word of [JWT, 'router-secret-1', 'z'.repeat(300)]) expect(log).not.toContain(word);
  });

  it('advanced.debug.max_logged_frame_bytes: no more of it than that', async () => {
    const short = await written(FRAMES.replace('300', '64'));
    expect(short).toContain('"msg":"frame"');
    expect(short).not.toContain('PATIENT 17');
  });

  it('logging.exclude_bodies: kind, method and size, and nothing of its content', async () => {
    const log = await written(`logging: { level: debug, exclude_bodies: true }\n${FRAMES}`);
    expect(log).toMatch(/"msg":"frame".*"method":"tools\/call","bytes":\d+/);
    for (const word of ['PATIENT', CARD, JWT, 'echo', 'zzz']) expect(log).not.toContain(word);
  });

  it('logging.pii_sanitization: personal data is taken out as well', async () => {
    const log = await written(`logging: { pii_sanitization: true }\n${FRAMES}`);
    expect(log).toContain('PATIENT 17');
    expect(log).toContain('[card]');
    expect(log).not.toContain(CARD);
  });
});

describe('the local door is heeded by the command line', () => {
  it('local.socket.path: the door is there and nowhere else', async () => {
    const home = new TemporaryHome();
    mkdirSync(`${home.path}/door`, { mode: 0o700 });
    const door = `${home.path}/door/own.sock`;
    const path = home.write(
      'router.yaml',
      `gateway: { url: "${gateway.url}", auth: { type: none } }\nlocal: { socket: { enabled: true, path: ${door} } }\n`,
    );
    const router = new RouterProcess(home, { args: ['serve', '-c', path] });
    await router.until('the socket', () => router.stderr.includes('listening'));
    expect(statSync(door).isSocket()).toBe(true);
    expect(existsSync(`${home.path}/run`)).toBe(false);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    home.remove();
  });

  it('local.socket.enabled: without it there is no door, and nothing is missing', async () => {
    const home = new TemporaryHome();
    const path = home.write(
      'router.yaml',
      `gateway: { url: "${gateway.url}", auth: { type: none } }\nlocal: { socket: { enabled: false } }\n`,
    );
    const before = gateway.connections.length;
    const router = new RouterProcess(home, { args: ['serve', '-c', path] });
    await gateway.until('its keeper', ({ connections }) => connections.length === before + 1);
    expect(router.stderr).not.toMatch(/listening|attach/);
    expect(existsSync(`${home.path}/run`)).toBe(false);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    home.remove();
  });
});

describe('a pool of HTTP connections is heeded', () => {
  it('gateway.connection.max_http_connections: no further socket, and every request is answered', async () => {
    const http = new HttpBench();
    const held: (() => void)[] = [];
    let isHolding = false;
    let most = 0;
    const server = http.own(
      await RecordedHttpServer.start(({ method, body }, response) => {
        most = Math.max(most, server.openConnections);
        if (method !== 'POST') return response.writeHead(405).end();
        const id = /"id":([^,}]+)/.exec(body)?.[1];
        if (id === undefined) return response.writeHead(202).end();
        const initialized = {
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'x', version: '1' },
        };
        const result = JSON.stringify(body.includes('"initialize"') ? initialized : {});
        const answer = (): void => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
        };
        if (isHolding) held.push(answer);
        else answer();
        return undefined;
      }),
    );
    const connection = { max_http_connections: 4 };
    const client = http.attach(server.urlFor(), { gateway: { auth: { type: 'none' }, connection } });
    await client.initialize();
    isHolding = true;
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const id of ids) client.request(id, 'm');
    await server.until('all connections at work', () => held.length === 4);
    isHolding = false;
    for (const answer of held) answer();
    for (const id of ids) expect(await client.reply(id)).toHaveProperty('result');
    await http.stop();
    expect(most).toBe(4);
  });
});

describe('the watch of files is heeded', () => {
  it('advanced.watch_poll_ms: so often a file is looked for in a folder that is not there yet', async () => {
    const home = new TemporaryHome();
    const changes = new ChangeSignal();
    const told: number[] = [];
    const watching: LiveFiles[] = [];
    const folder = `${home.path}/mounted`;
    // The rare one begins: it would be the first to tell, were both the same.
    for (const pollMs of [3_600_000, 50]) {
      const tell = (): Promise<void> => {
        told.push(pollMs);
        changes.changed();
        return Promise.resolve();
      };
      const fail = (error: unknown): void => {
        throw error;
      };
      const acts = { reload: tell, renew: tell, readMetricsToken: tell };
      const handlers = { ...acts, onRemark: () => undefined, onBug: fail };
      const facts = { platform: process.platform, env: {}, home: home.path, cwd: home.path, uid: null };
      const live = createLiveFiles(createMachine(facts), handlers);
      watching.push(live);
      const auth = { type: 'bearer', token_file: `${folder}/token` };
      await live.follow(
        testConfig('wss://gateway.example/', { gateway: { auth }, advanced: { watch_poll_ms: pollMs } }),
        null,
      );
    }
    mkdirSync(folder);
    home.write('mounted/token', 'token of the folder');
    await changes.until('the file', () => told.length > 0);
    for (const live of watching) live.close();
    home.remove();
    expect(told).toEqual([50]);
  });
});
