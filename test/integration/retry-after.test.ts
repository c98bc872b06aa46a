import { afterEach, describe, expect, it } from 'vitest';

import type { StreamTestClient } from '../support/engine-client';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { startHttpFrontend } from '../support/gateway/http-frontend';
import { HttpBench } from '../support/http-bench';
import { RecordedHttpServer } from '../support/recorded-http-server';

const bench = new HttpBench();
afterEach(() => bench.stop());

const HOUR_MS = 3_600_000;
const headers = { 'retry-after': '3600' };
const local = { request_timeout_ms: 100, max_queued_requests: 1 };

/** One of each wire that refuses a connection with this status and an hour to wait. */
const wires: Readonly<Record<string, (status: number) => Promise<StreamTestClient>>> = {
  websocket: async (status) => {
    const gateway = bench.own(await startGateway({ backend: echoBackend() }));
    gateway.faults.always({ kind: 'refuse-upgrade', status, headers });
    return bench.attach(gateway.url, { local });
  },
  'streamable-http': async (status) => {
    const server = bench.own(await refusing(status));
    return bench.attach(server.urlFor(), { local });
  },
  'gateway-http': async (status) => {
    const server = bench.own(await refusing(status));
    return bench.attach(server.urlFor('/'), { local, gateway: { transport: 'gateway-http' } });
  },
};

const refusing = (status: number): Promise<RecordedHttpServer> =>
  RecordedHttpServer.start((_request, response) => response.writeHead(status, headers).end());

describe('a gateway that asks to come back later', () => {
  it.each(Object.keys(wires).flatMap((wire) => [429, 503].map((status) => ({ wire, status }))))(
    'is not connected to before that time, and clients hear of it ($wire, $status)',
    async ({ wire, status }) => {
      const before = Date.now();
      const client = await wires[wire]?.(status);
      const { under } = bench;
      const stateOf = (): string | undefined => under.engine.status().sessions[0]?.connection.name;
      await under.until('the refusal', () => stateOf() === 'waiting');
      const connection = under.engine.status().sessions[0]?.connection;
      expect(connection).toMatchObject({ cause: { code: 'gateway-busy' } });
      expect(connection?.name === 'waiting' && connection.retryAt).toBeGreaterThanOrEqual(before + HOUR_MS);
      client?.request(1, 'm');
      client?.request(2, 'm');
      const busy = { retryable: true, limited_by: 'gateway' };
      const full = { code: 'queue-full', limit: 'local.max_queued_requests', limited_by: 'router' };
      const [expired, refused] = [await client?.reply(1), await client?.reply(2)];
      expect(expired?.error?.data).toMatchObject({ code: 'gateway-busy', ...busy });
      expect(refused?.error?.data).toMatchObject(full);
      for (const reply of [expired, refused]) {
        const waitMs = Number(reply?.error?.data?.['retry_after_ms']);
        expect(waitMs).toBeGreaterThan(HOUR_MS - 60_000);
        expect(waitMs).toBeLessThanOrEqual(HOUR_MS);
      }
    },
  );

  it('is connected to at once when a person asks for it', async () => {
    const gateway = bench.own(await startGateway({ backend: echoBackend() }));
    gateway.faults.next({ kind: 'refuse-upgrade', status: 503, headers });
    const client = bench.attach(gateway.url);
    const { under } = bench;
    await under.until('the refusal', () => under.kinds('connection-failed').length === 1);
    client.request(1, 'm');
    under.engine.connect();
    expect((await client.reply(1)).result).toBeDefined();
  });

  it("is asked again by gateway-http's requests, too, when the time is over", async () => {
    const server = bench.own(await startHttpFrontend({ backend: echoBackend() }));
    const { answer } = server;
    const times: number[] = [];
    server.answer = (request, response, incoming) => {
      if (!request.body.includes('tools/list')) return answer(request, response, incoming);
      times.push(Date.now());
      if (times.length > 1) return answer(request, response, incoming);
      return response.writeHead(429, { 'retry-after': '1' }).end();
    };
    const client = bench.attach(server.urlFor('/'), { gateway: { transport: 'gateway-http' } });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toMatchObject({ method: 'tools/list' });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
  });
});
