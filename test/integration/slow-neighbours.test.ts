import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';

import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { EngineUnderTest, StreamTestClient, testConfig } from '../support/engine-client';
import type { FunctionBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { startTcpGateway } from '../support/gateway/tcp-gateway';
import { RecordedHttpServer } from '../support/recorded-http-server';
import { tcpPeers } from '../support/tcp-bench';

const KIB = 1024;
const MIB = 1024 * KIB;
const MESSAGES = 48;
const LINE_FEED = 0x0a;
const LARGE = 'x'.repeat(512 * KIB);
const local = { request_timeout_ms: 600_000, max_concurrent_requests: 1000, max_queued_requests: 1000 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The other side of a wire: it answers `large` with much, and reads nothing of the first client while it is stuck. */
interface Peer {
  readonly url: string;
  readonly gateway: Record<string, unknown>;
  stick(): void;
  unstick(): void;
}

const backend: FunctionBackend = {
  kind: 'function',
  handle: ({ method }, reply) => {
    reply.result(method === 'large' ? LARGE : {});
  },
};

const peers: Readonly<Record<string, () => Promise<Peer>>> = {
  'streamable-http': async () => {
    const free = deferred();
    let isStuck = false;
    const server = await RecordedHttpServer.start(async ({ body }, response) => {
      const [, id = '0', method = ''] = /"id":(\d+),"method":"(\w+)"/.exec(body) ?? [];
      if (isStuck && method === 'stuck') await free.promise;
      response.writeHead(id === '0' ? 405 : 200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${id},"result":${method === 'large' ? `"${LARGE}"` : '{}'}}`);
    });
    ends.push(() => server.stop());
    return {
      url: server.urlFor(),
      gateway: {},
      stick: () => {
        isStuck = true;
      },
      unstick: () => {
        free.resolve();
      },
    };
  },
  tcp: async () => {
    const gateway = await startTcpGateway({ backend });
    ends.push(() => gateway.stop());
    return {
      url: gateway.urlFor('localhost'),
      gateway: tcpPeers.live,
      stick: () => gateway.connections[0]?.stopReading(),
      unstick: () => gateway.connections[0]?.readOn(),
    };
  },
};

function startEngine({ url, gateway }: Peer): EngineUnderTest {
  const under = new EngineUnderTest(testConfig(url, { gateway, local }));
  ends.push(() => under.engine.stop());
  under.engine.start();
  return under;
}

/** Another client has its requests answered, many times: whatever can arrive meanwhile does. */
async function goesOn(under: EngineUnderTest): Promise<void> {
  const other = new StreamTestClient(under.engine);
  for (let id = 1; id <= 100; id += 1) {
    other.request(id, 'small');
    expect((await other.reply(id)).result).toEqual({});
  }
}

const expected = Array.from({ length: MESSAGES }, (_unused, index) => index + 1);

/** The ids of all replies, in their order. */
async function idsFrom(stream: Readable): Promise<readonly number[]> {
  const chunks: Buffer[] = [];
  let lines = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer); // a stream without encoding gives nothing else
    chunks.push(bytes);
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
    if (lines === MESSAGES) break;
  }
  const text = Buffer.concat(chunks).toString().trimEnd();
  return text.split('\n').map((line) => Number(/"id":(\d+)/.exec(line.slice(0, 200) + line.slice(-40))?.[1]));
}

const inOrder = (ids: readonly number[]): readonly number[] => [...ids].sort((one, other) => one - other);

describe.each(Object.entries(peers))('over %s', (_name, start) => {
  it('SEC-71 a client that does not read costs bounded memory, hurts nobody else, and loses nothing', async () => {
    const under = startEngine(await start());
    const input = new PassThrough();
    const output = new PassThrough();
    void under.engine.serveStdio(input, output);
    for (const id of expected) input.write(`{"jsonrpc":"2.0","id":${String(id)},"method":"large"}\n`);
    await under.until('a first reply', () => under.kinds('request-settled').length > 0);
    await goesOn(under);
    expect(output.writableLength + output.readableLength).toBeLessThan(4 * MIB);
    expect(inOrder(await idsFrom(output))).toEqual(expected);
  });

  it('SEC-71 a gateway that does not take what one client sends makes that client wait, and no other', async () => {
    const peer = await start();
    const under = startEngine(peer);
    const first = new StreamTestClient(under.engine);
    const isConnected = (): boolean => under.engine.status().sessions[0]?.connection.name === 'connected';
    await under.until('connected', isConnected);
    peer.stick();
    const held = once(first.input, 'pause');
    for (const id of expected) first.request(id, 'stuck', { filler: LARGE });
    await held;
    await goesOn(under);
    expect(first.input.isPaused()).toBe(true);
    peer.unstick();
    await first.until('all replies', () => first.lines.length === MESSAGES);
    expect(inOrder(first.replies.map(({ id }) => Number(id)))).toEqual(expected);
  });
});

describe('on the local socket', () => {
  it('SEC-71 a client that does not read costs bounded memory, hurts nobody else, and loses nothing', async () => {
    const gateway = await startGateway({ backend });
    ends.push(() => gateway.stop());
    const folder = mkdtempSync(join(tmpdir(), 'mcp-router-'));
    ends.push(() => {
      rmSync(folder, { recursive: true });
    });
    const under = startEngine({ url: gateway.url, gateway: {}, stick: () => 0, unstick: () => 0 });
    await under.engine.listenOnSocket(join(folder, 's'));
    const socket = createConnection(join(folder, 's'));
    ends.push(() => socket.destroy());
    await once(socket, 'connect');
    socket.pause();
    for (const id of expected) socket.write(`{"jsonrpc":"2.0","id":${String(id)},"method":"large"}\n`);
    await under.until('a first reply', () => under.kinds('request-settled').length > 0);
    await goesOn(under);
    // What the router does not take stays with the gateway.
    const [deaf] = under.engine.status().sessions;
    const taken = under.events.filter((event) => 'session' in event && event.session === deaf?.id);
    expect(taken.filter(({ kind }) => kind === 'request-settled').length).toBeLessThan(MESSAGES / 3);
    expect(await idsFrom(socket)).toEqual(expected);
  });
});
