import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { FakeMachine } from '../support/engine-client';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { startHttpFrontend } from '../support/gateway/http-frontend';
import { startTcpGateway } from '../support/gateway/tcp-gateway';
import { HttpBench } from '../support/http-bench';
import { oauthMachine, PROVIDER_CA, providerTls } from '../support/oauth-bench';
import { RecordedHttpServer } from '../support/recorded-http-server';

const bench = new HttpBench();
/** Gives opaque-1, opaque-2 and so on. */
let endpoint: RecordedHttpServer;
let lifetime: number;
/** What the gateway takes; it reads the list anew each time. */
let tokens: string[];

beforeEach(async () => {
  lifetime = 3600;
  tokens = [];
  endpoint = bench.own(
    await RecordedHttpServer.start((_request, response) => {
      const token = `opaque-${String(endpoint.requests.length)}`;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime }));
    }, providerTls),
  );
});

afterEach(() => bench.stop());

const machine: FakeMachine = oauthMachine();
const keys = (): Record<string, unknown> => ({
  auth: {
    type: 'oauth2',
    client_id: 'service',
    client_secret_env: 'OAUTH_CLIENT_SECRET',
    token_endpoint: endpoint.urlFor('/token', 'localhost'),
    tls: { ca_cert_path: PROVIDER_CA },
  },
});

const transports: readonly [string, () => Promise<string>, Record<string, unknown>][] = [
  [
    'WebSocket',
    async () =>
      bench
        .own(await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens } }))
        .urlFor('127.0.0.1'),
    {},
  ],
  [
    'TCP',
    async () =>
      bench
        .own(await startTcpGateway({ mode: 'documented', backend: echoBackend(), tokens }))
        .urlFor('127.0.0.1'),
    {},
  ],
  [
    "the gateway's HTTP",
    async () =>
      bench
        .own(await startHttpFrontend({ backend: echoBackend(), auth: { kind: 'tokens', tokens } }))
        .urlFor('/'),
    { transport: 'gateway-http' },
  ],
];

describe.each(transports)('a token that is refused over %s', (_name, start, more) => {
  it('SEC-43 is replaced once, and the connection opens', async () => {
    const url = await start();
    tokens.push('opaque-2');
    const client = bench.attach(url, { gateway: { ...keys(), ...more } }, { machine });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toBeDefined();
    expect(endpoint.requests).toHaveLength(2);
  });

  it('SEC-43 is not replaced again and again', async () => {
    const url = await start();
    const client = bench.attach(url, { gateway: { ...keys(), ...more } }, { machine });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    const { engine } = bench.under;
    expect(engine.status().sessions[0]?.connection).toMatchObject({ name: 'failed' });
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe('a token that travels beside each message (TCP, token_in: wrapper)', () => {
  it('is renewed while the connection lasts', async () => {
    lifetime = 1;
    const gateway = bench.own(await startTcpGateway({ mode: 'go-router', backend: echoBackend(), tokens }));
    tokens.push(...Array.from({ length: 100 }, (_, index) => `opaque-${String(index + 1)}`));
    const connection = { keepalive_interval_ms: 50 };
    const client = bench.attach(
      gateway.urlFor('127.0.0.1'),
      { gateway: { ...keys(), connection, tcp: { dialect: 'go-router' } } },
      { machine },
    );
    const sent = (): readonly unknown[] =>
      gateway.recording.requests().map(({ envelope }) => envelope?.authToken);
    for (let id = 1; new Set(sent()).size < 2; id += 1) {
      client.request(id, 'tools/list');
      expect((await client.reply(id)).result).toBeDefined();
    }
    expect(sent()[0]).toBe('opaque-1');
    expect(new Set(gateway.recording.messages.map((message) => message.connection)).size).toBe(1);
  });
});
