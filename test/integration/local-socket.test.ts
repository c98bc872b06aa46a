import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ChangeSignal } from '../support/change-signal';
import { deferred } from '../support/deferred';
import { EngineUnderTest, testConfig } from '../support/engine-client';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';

let folder: string;
let path: string;
let gateway: Gateway;
let under: EngineUnderTest;
let clients: LocalClient[];

/** A client on the local socket that closes nothing by itself. */
class LocalClient {
  readonly lines: string[] = [];
  readonly ended: Promise<unknown>;
  private readonly changes = new ChangeSignal();
  private rest = '';

  private constructor(readonly socket: Socket) {
    this.ended = new Promise((resolve) => {
      socket.once('end', resolve);
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const parts = (this.rest + chunk.toString()).split('\n');
      this.rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.changes.changed();
    });
  }

  static async connect(): Promise<LocalClient> {
    const socket = createConnection({ path, allowHalfOpen: true });
    const client = new LocalClient(socket);
    clients.push(client);
    await once(socket, 'connect');
    return client;
  }

  request(id: number, method = 'm'): void {
    this.socket.write(`{"jsonrpc":"2.0","id":${String(id)},"method":"${method}"}\n`);
  }

  async count(lines: number): Promise<void> {
    await this.changes.until(`${String(lines)} lines`, () => this.lines.length === lines);
  }
}

async function listen(local: object = {}): Promise<void> {
  under = new EngineUnderTest(testConfig(gateway.url, { local }));
  under.engine.start();
  await under.engine.listenOnSocket(path);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-socket-'));
  path = join(folder, 'router.sock');
  clients = [];
  gateway = await startGateway({ backend: echoBackend() });
});

afterEach(async () => {
  for (const client of clients) client.socket.destroy();
  await under.engine.stop();
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

const sessions = (): number => under.engine.status().sessions.length;

describe('the local socket', () => {
  it('serves several clients, each with a session of its own', async () => {
    await listen();
    const first = await LocalClient.connect();
    const second = await LocalClient.connect();
    first.request(1, 'a');
    second.request(1, 'b');
    await Promise.all([first.count(1), second.count(1)]);
    expect(first.lines[0]).toContain('"method":"a"');
    expect(second.lines[0]).toContain('"method":"b"');
    expect(under.engine.status().sessions.map(({ door }) => door)).toEqual(['socket', 'socket']);
  });

  it('answers what a client is owed that has closed its half, and closes the other half then', async () => {
    await listen();
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = await LocalClient.connect();
    client.request(1);
    client.socket.end('{"jsonrpc":"2.0","id":2,"method":"without line feed"}');
    await gateway.until('both', ({ recording }) => recording.requests().length === 2);
    held.resolve();
    await client.ended;
    expect(client.lines).toHaveLength(2);
  });

  it('forgets a client that is gone without a word', async () => {
    await listen({ drain_timeout_ms: 0 });
    gateway.faults.next({ kind: 'drop-reply' });
    const client = await LocalClient.connect();
    client.request(1);
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    client.socket.destroy();
    await under.until('the end', () => under.kinds('session-closed').length === 1);
    await gateway.until('the goodbye', ({ connections }) => connections.length === 0);
    expect(sessions()).toBe(0);
  });

  it('stops in a bounded time though a client holds its half open and goes on talking', async () => {
    await listen();
    const client = await LocalClient.connect();
    client.request(1);
    await client.count(1);
    const chatter = setInterval(() => client.socket.write('{"jsonrpc":"2.0","method":"n"}\n'), 5);
    await under.engine.stop();
    clearInterval(chatter);
    await client.ended;
    expect(client.lines).toHaveLength(1);
  });

  it('turns away a client above max_sessions, says why, and lets go of it', async () => {
    await listen({ max_sessions: 1 });
    const first = await LocalClient.connect();
    first.request(1);
    await first.count(1);
    const second = await LocalClient.connect();
    second.request(1);
    await second.ended;
    expect(second.lines).toHaveLength(1);
    expect(JSON.parse(second.lines[0] ?? '')).toMatchObject({
      id: null,
      error: { data: { code: 'session-limit', retryable: true } },
    });
    // It keeps its half open; the server must be able to stop all the same.
    await under.engine.stop();
  });

  it('survives clients above max_sessions that are gone before they can be told', async () => {
    await listen({ max_sessions: 1 });
    const first = await LocalClient.connect();
    first.request(1);
    await first.count(1);
    for (let round = 0; round < 50; round += 1) {
      const hasty = await LocalClient.connect();
      hasty.socket.write('x'.repeat(100_000));
      hasty.socket.destroy();
    }
    first.request(2);
    await first.count(2);
    expect(sessions()).toBe(1);
  });

  it('is free again after the engine has stopped, and in use before', async () => {
    await listen();
    await expect(under.engine.listenOnSocket(path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await under.engine.stop();
    await listen();
    const client = await LocalClient.connect();
    client.request(1);
    await client.count(1);
  });
});
