import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EngineUnderTest, StreamTestClient, testConfig } from '../support/engine-client';
import type { FunctionBackend } from '../support/gateway/backend-function';
import { RawGateway } from '../support/raw-gateway';
import { SessionBench } from '../support/session-bench';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('a client that does not read', () => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.start();
  });

  afterEach(() => bench.stop());

  /** A client whose output nobody reads until the test does. */
  function attachDeaf(): { readonly input: PassThrough; readonly output: PassThrough; left: Promise<void> } {
    const input = new PassThrough();
    const output = new PassThrough();
    return { input, output, left: bench.under.engine.serveStdio(input, output) };
  }

  const heldBy = ({ output }: { readonly output: PassThrough }): number =>
    output.writableLength + output.readableLength;

  const requestLine = (id: number): string => `{"jsonrpc":"2.0","id":${String(id)},"method":"large"}\n`;

  it('SEC-11 makes the gateway wait, not our memory grow; others go on, and nothing is lost', async () => {
    const replies = 60;
    const backend: FunctionBackend = {
      kind: 'function',
      handle: ({ method }, reply) => {
        reply.result(method === 'large' ? 'x'.repeat(512 * KIB) : {});
      },
    };
    await bench.gateway.restart({ backend });
    const other = bench.attach({ local: { request_timeout_ms: 600_000 } });
    const deaf = attachDeaf();
    for (let id = 1; id <= replies; id += 1) deaf.input.write(requestLine(id));
    await bench.gateway.until('all sent', ({ recording }) => recording.requests('large').length === replies);
    // Many turns of the event loop, in which everything that can arrive does.
    for (let id = 1; id <= 200; id += 1) {
      other.request(id, 'm');
      await other.reply(id);
    }
    expect(heldBy(deaf)).toBeLessThan(2 * MIB);
    let text = '';
    for await (const chunk of deaf.output) {
      text += String(chunk);
      if (text.split('\n').length > replies) break;
    }
    const ids = text
      .trimEnd()
      .split('\n')
      .map((line) => /"id":(\d+)/.exec(line.slice(-40))?.[1]);
    expect(ids).toEqual(Array.from({ length: replies }, (_unused, index) => String(index + 1)));
  });

  it('SEC-11 is not listened to for ever either, though it is our own errors that it does not read', async () => {
    bench.attach();
    const deaf = attachDeaf();
    const rubbish = Buffer.from('rubbish\n'.repeat(8 * KIB));
    const refusals = (): number => bench.under.kinds('request-refused').length;
    let written = 0;
    // Written as a pipe delivers it; a client that is listened to would get 30 times as much back.
    for (let turn = 0; turn < 64 && !deaf.input.isPaused(); turn += 1) {
      deaf.input.write(rubbish);
      written += 8 * KIB;
      await bench.under.until('read or left', () => refusals() === written || deaf.input.isPaused());
    }
    expect(deaf.input.isPaused()).toBe(true);
    expect(heldBy(deaf)).toBeLessThan(8 * MIB);
    deaf.output.resume();
    await bench.under.until('all were answered', () => refusals() === written);
    deaf.input.end();
    await deaf.left;
  });

  it('and is gone then does not hold its session open', async () => {
    const backend: FunctionBackend = {
      kind: 'function',
      handle: (_message, reply) => {
        reply.result('x'.repeat(512 * KIB));
      },
    };
    await bench.gateway.restart({ backend });
    bench.attach({ local: { drain_timeout_ms: 600_000 } });
    const deaf = attachDeaf();
    for (let id = 1; id <= 20; id += 1) deaf.input.write(requestLine(id));
    await bench.gateway.until('all sent', ({ recording }) => recording.requests('large').length === 20);
    deaf.output.destroy(new Error('EPIPE'));
    await deaf.left;
    expect(bench.under.engine.status().sessions).toHaveLength(1);
  });
});

describe('a gateway that does not read', () => {
  let gateway: RawGateway;
  let under: EngineUnderTest;

  afterEach(async () => {
    await under.engine.stop();
    await gateway.stop();
  });

  /** Sends large requests on the first connection, which nobody reads, until the client has to wait. */
  async function sendUntilHeld(requests: number): Promise<StreamTestClient> {
    gateway = await RawGateway.start((connection) => {
      const webSocket = connection.serve();
      if (connection.number === 1) webSocket.pause();
    });
    under = new EngineUnderTest(
      testConfig(gateway.url, { local: { max_concurrent_requests: 1000, max_queued_requests: 1000 } }),
    );
    under.engine.start();
    const client = new StreamTestClient(under.engine);
    const isConnected = (): boolean => under.engine.status().sessions[0]?.connection.name === 'connected';
    await under.until('connected', isConnected);
    const held = once(client.input, 'pause');
    for (let id = 1; id <= requests; id += 1) client.request(id, 'm', { filler: 'x'.repeat(512 * KIB) });
    await held;
    return client;
  }

  it('SEC-11 makes the client wait, and everything is answered once it reads again', async () => {
    const requests = 60;
    const client = await sendUntilHeld(requests);
    expect(under.engine.status().sessions[0]?.inFlight).toBeLessThan(requests);
    expect(client.input.isPaused()).toBe(true);
    gateway.served[0]?.resume();
    await client.until('all replies', () => client.lines.length === requests);
    expect(client.replies.map(({ id }) => id)).toEqual(
      Array.from({ length: requests }, (_unused, index) => index + 1),
    );
    expect(gateway.upgrades).toBe(1);
  });

  it('and goes away is no reason to keep the client waiting', async () => {
    const requests = 40;
    const client = await sendUntilHeld(requests);
    gateway.served[0]?.terminate();
    await client.until('all replies', () => client.lines.length === requests);
    // Each was lost with the first connection, or answered by the next one; none was both.
    const outcomes = client.replies.map(({ error }) => error?.data?.['code']);
    expect(new Set(outcomes)).toEqual(new Set(['gateway-lost', undefined]));
    expect(new Set(client.replies.map(({ id }) => id)).size).toBe(requests);
  });
});
