import { connect, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { ChangeSignal } from '../../support/change-signal';
import { echoBackend } from '../../support/gateway/backend-function';
import { tcpFrame, TcpFrameReader, type TcpDialect } from '../../support/gateway/tcp-codec';
import { startTcpGateway, type TcpGateway } from '../../support/gateway/tcp-gateway';
import type { TcpGatewayOptions } from '../../support/gateway/tcp-settings';

let gateway: TcpGateway;
let router: RawTcpRouter;

/** A router made of bytes. */
class RawTcpRouter {
  readonly frames: (readonly [type: number, text: string])[] = [];
  isClosed = false;
  private readonly changes = new ChangeSignal();
  private readonly socket: Socket;

  constructor(
    port: number,
    private readonly dialect: TcpDialect,
  ) {
    const reader = new TcpFrameReader(dialect);
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('data', (chunk: Buffer) => {
      for (const { type, payload } of reader.take(chunk)) this.frames.push([type, payload.toString()]);
      this.changes.changed();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.changes.changed();
    });
  }

  send(type: number, payload: string): void {
    this.sendBytes(tcpFrame(this.dialect, type, payload));
  }

  sendBytes(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  async answers(count: number): Promise<unknown> {
    await this.changes.until(`${count} frames`, () => this.frames.length >= count);
    return this.frames;
  }

  async closed(): Promise<void> {
    await this.changes.until('the end', () => this.isClosed);
  }

  end(): void {
    this.socket.destroy();
  }
}

async function start(options: TcpGatewayOptions): Promise<void> {
  gateway = await startTcpGateway({ backend: echoBackend(), ...options });
  router = new RawTcpRouter(gateway.port, options.mode === 'go-router' ? 'go-router' : 'gateway');
}

afterEach(async () => {
  router.end();
  await gateway.stop();
});

const OFFER = '{"min_version":1,"max_version":1,"preferred_version":1,"supported_versions":[1]}';
const PING = '{"jsonrpc":"2.0","method":"ping","id":1}';
const PONG = '{"jsonrpc":"2.0","result":{"method":"ping"},"id":1}';
const signIn = (token: string): string =>
  `{"jsonrpc":"2.0","method":"initialize","id":"a","params":{"token":"${token}"}}`;
const failure = (id: string, message: string): string =>
  `{"jsonrpc":"2.0","error":{"code":-32603,"message":"${message}"},"id":${id}}`;

describe('the live TCP frontend', () => {
  it('answers requests, and nothing else', async () => {
    await start({ mode: 'live' });
    router.send(6, OFFER);
    router.send(4, '');
    router.send(3, '{}');
    router.send(1, `{"auth_token":"t","message":${PING}}`);
    router.send(1, PING);
    expect(await router.answers(1)).toEqual([[2, PONG]]);
    router.send(1, '{"jsonrpc":"2.0","method":"notifications/initialized"}');
    expect(await router.answers(2)).toMatchObject([{}, [2, expect.stringContaining('"id":null')]]);
  });

  it.each([
    ['another magic', '4d435000000100040000000000000000'],
    ['another version', '4d4350420002000400000000'],
    ['too much', '4d4350420001000100a00001'],
  ])('closes on %s without a word', async (_name, hex) => {
    await start({ mode: 'live' });
    router.sendBytes(Buffer.from(hex, 'hex'));
    await router.closed();
    expect(router.frames).toEqual([]);
  });
});

describe('the documented handler', () => {
  const tokens = ['good'];

  it('negotiates, signs in, then routes', async () => {
    await start({ mode: 'documented', tokens });
    router.send(6, OFFER);
    router.send(1, PING);
    router.send(1, signIn('good'));
    router.send(1, PING);
    router.send(4, '');
    router.send(6, OFFER);
    router.send(2, PONG);
    await router.answers(7);
    const session = '{"sessionId":"00112233445566778899aabbccddeeff","expiresAt":"2099-01-01T00:00:00Z"}';
    const expected: unknown[] = [
      [7, '{"agreed_version":1}'],
      [2, failure('1', 'Unauthorized: must initialize first')],
      [2, `{"jsonrpc":"2.0","result":${session},"id":"a"}`],
      [4, ''],
      [5, 'Version already negotiated'],
      [5, 'Unexpected message type'],
      [2, PONG],
    ];
    expect(router.frames).toHaveLength(7);
    expect(router.frames).toEqual(expect.arrayContaining(expected));
  });

  it.each([
    ['no negotiation', [[1, PING]], [5, 'Version negotiation required']],
    [
      'a wrong token',
      [
        [6, OFFER],
        [1, signIn('bad')],
      ],
      [2, failure('"a"', 'Authentication failed')],
    ],
    [
      'a notification',
      [
        [6, OFFER],
        [1, '{"jsonrpc":"2.0","method":"n"}'],
      ],
      [2, failure('null', 'Invalid request ID: must be string or number')],
    ],
  ] as const)('ends the connection on %s', async (_name, sent, last) => {
    await start({ mode: 'documented', tokens });
    for (const [type, text] of sent) router.send(type, text);
    await router.closed();
    expect(router.frames.at(-1)).toEqual(last);
  });

  it('says when there is no version in common', async () => {
    await start({ mode: 'documented', agreedVersion: 'none' });
    router.send(6, OFFER);
    await router.closed();
    expect(router.frames[0]?.[1]).toMatch(/^Version negotiation failed: no compatible protocol version/);
  });
});

describe('the peer of the Go router', () => {
  const envelope = (token: string): string =>
    `{"id":1,"timestamp":"2026-01-01T00:00:00Z","source":"local-router","target_namespace":"system","auth_token":"${token}","mcp_payload":${PING}}`;

  it('agrees, answers pings and envelopes, and reads the token of each', async () => {
    await start({ mode: 'go-router', tokens: ['good'] });
    router.send(6, OFFER);
    router.send(4, '{}');
    router.send(1, envelope('good'));
    await router.answers(3);
    expect(router.frames.slice(0, 2)).toEqual([
      [7, '{"agreed_version":1}'],
      [4, '{}'],
    ]);
    expect(JSON.parse(router.frames[2]?.[1] ?? '')).toMatchObject({
      id: 1,
      source: 'gateway',
      mcp_payload: { id: 1, result: { method: 'ping' } },
    });
    expect(gateway.recording.messages[0]?.envelope).toMatchObject({
      authToken: 'good',
      targetNamespace: 'system',
    });
    router.send(1, envelope('bad'));
    await router.closed();
    expect(router.frames.at(-1)?.[1]).toContain('Per-message authentication failed');
  });
});
