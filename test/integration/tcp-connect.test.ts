import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority, selfSigned } from '../support/certificates';
import type { FakeMachine, StreamTestClient } from '../support/engine-client';
import { tcpFrame } from '../support/gateway/tcp-codec';
import { TCP_TOKEN, TcpBench, tcpPeers } from '../support/tcp-bench';

let bench: TcpBench;

afterEach(() => bench.stop());

const tokens = [TCP_TOKEN];
const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const authority = createAuthority('TCP authority');
const good = authority.issueServer({ hosts: ['localhost'] });
const trust: FakeMachine = { files: { '/ca.pem': { kind: 'found', value: authority.certificatePem } } };
const withCa = { tls: { ca_cert_path: '/ca.pem' } };

describe('the greeting on the wire', () => {
  it('required: connected means that version and credential were proven', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    expect(await bench.settle(tcpPeers.documented)).toMatchObject({ name: 'connected', tls: null });
    expect(bench.gateway.frames.map(({ type }) => type)).toEqual([6, 1]);
  });

  it('off: nothing is offered', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach({ ...tcpPeers.live, tcp: { negotiate: 'off' } });
    client.request(1, 'ping');
    await client.reply(1);
    expect(bench.gateway.frames.map(({ type }) => type)).toEqual([1]);
  });

  it('offered: a peer that agrees later, or never, is good as well', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach({ ...tcpPeers.documented, tcp: { negotiate: 'offered' } });
    client.request(1, 'ping');
    expect((await client.reply(1)).result).toBeDefined();
    expect(bench.gateway.frames.map(({ type }) => type)).toEqual([6, 1, 1]);
  });

  it.each([
    ['agrees to another version', { agreedVersion: 2 }, 'it chose version 2'],
    ['has no version in common', { agreedVersion: 'none' }, 'both sides speak'],
  ] as const)(
    'SEC-32 a peer that %s is refused for good, whether required or offered',
    async (_name, versions, words) => {
      for (const negotiate of ['required', 'offered']) {
        bench = await TcpBench.start({ mode: 'documented', tokens, ...versions });
        await bench.settle({ ...tcpPeers.documented, tcp: { negotiate } });
        const { engine } = bench.under;
        await bench.under.until('the refusal', () => engine.status().keeper.name === 'failed');
        const { keeper } = engine.status();
        expect(keeper).toMatchObject({ cause: { code: 'gateway-refused' } });
        expect(JSON.stringify(keeper)).toContain(words);
        expect(bench.gateway.frames.some(({ text }) => text.includes(TCP_TOKEN))).toBe(
          negotiate === 'offered',
        );
        if (negotiate === 'required') await bench.stop();
      }
    },
  );

  it('a peer that wants negotiation, and is offered none, says so', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const state = await bench.settle({ ...tcpPeers.documented, tcp: { negotiate: 'off' } });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'gateway-refused' } });
    expect(JSON.stringify(state)).toContain('gateway.tcp.negotiate: required');
  });

  it('SEC-32 a peer that never answers the offer gets no token; the key that decides is named', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const state = await bench.settle({ ...tcpPeers.documented, connection: { timeout_ms: 100 } });
    expect(state).toMatchObject({ name: 'waiting', cause: { code: 'gateway-unreachable' } });
    expect(JSON.stringify(state)).toContain('gateway.tcp.negotiate');
    expect(bench.gateway.frames.some(({ text }) => text.includes(TCP_TOKEN))).toBe(false);
  });

  it('SEC-31 a wrong token fails the connection for good, without hammering', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens: ['another'] });
    const state = await bench.settle(tcpPeers.documented);
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'auth-failed' } });
    expect(bench.gateway.connectionCount).toBe(1);
    expect(bench.under.kinds('auth-failed')).toHaveLength(1);
    expect(JSON.stringify(bench.under.events)).not.toContain(TCP_TOKEN);
  });

  it('SEC-31 a gateway that forwards the sign-in to a server is refused', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const state = await bench.settle({ ...tcpPeers.documented, tcp: { negotiate: 'off' } });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'gateway-refused' } });
    expect(JSON.stringify(state)).toContain('gateway.tcp.token_in');
  });

  it('a wrong token in the wrapper: the gateway’s own words reach the client', async () => {
    bench = await TcpBench.start({ mode: 'live', tokens: ['another'] });
    const client = bench.attach(tcpPeers.wrapper);
    client.request(1, 'ping');
    expect((await client.reply(1)).error).toEqual({
      code: -32603,
      message: 'Per-message authentication failed',
    });
  });

  it('nothing that listens, and somebody who speaks another protocol, are told apart', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const stranger = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const port = portOf(stranger);
    const state = await bench.settle({ ...tcpPeers.documented, url: `tcp://127.0.0.1:${port}` });
    expect(state).toMatchObject({ name: 'waiting', cause: { code: 'gateway-misbehaved' } });
    expect(JSON.stringify(state)).toContain('0x48545450');
    await bench.under.engine.stop();
    stranger.close();
    await once(stranger, 'close');
    const gone = await bench.settle({ ...tcpPeers.documented, url: `tcp://127.0.0.1:${port}` });
    expect(gone).toMatchObject({ cause: { code: 'gateway-unreachable', detail: 'nothing listens there' } });
  });
});

describe('TLS on a bare socket', () => {
  it('SEC-33 shows what was proven', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens, tls: good });
    const state = await bench.settle({ ...tcpPeers.documented, ...withCa }, trust);
    expect(state).toMatchObject({
      name: 'connected',
      tls: { protocol: 'TLSv1.3', isVerified: true, subject: 'localhost', issuer: 'TCP authority' },
    });
    expect(bench.under.engine.status()).toMatchObject({ shown: 'connected', degradations: [] });
  });

  it.each([
    ['an authority that nobody trusts', () => createAuthority('Other').issueServer({ hosts: ['localhost'] })],
    ['a self-signed certificate', () => selfSigned({ hosts: ['localhost'] })],
    ['another host', () => authority.issueServer({ hosts: ['elsewhere.example'] })],
  ])('SEC-33 refuses %s before a byte is sent', async (_name, certificate) => {
    bench = await TcpBench.start({ mode: 'documented', tokens, tls: certificate() });
    const state = await bench.settle({ ...tcpPeers.documented, ...withCa }, trust);
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'certificate-rejected' } });
    expect(bench.gateway.frames).toEqual([]);
  });

  it('SEC-33 refuses TLS 1.2 unless min_version allows it', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens, tls: { ...good, maxVersion: 'TLSv1.2' } });
    const state = await bench.settle({ ...tcpPeers.documented, ...withCa }, trust);
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'tls-version-rejected' } });
    await bench.under.engine.stop();
    const old = { tls: { ca_cert_path: '/ca.pem', min_version: '1.2' } };
    expect(await bench.settle({ ...tcpPeers.documented, ...old }, trust)).toMatchObject({
      name: 'connected',
      tls: { protocol: 'TLSv1.2' },
    });
  });

  it('says when verification is off', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens, tls: selfSigned({ hosts: ['localhost'] }) });
    await bench.settle({ ...tcpPeers.documented, tls: { verify: false } });
    expect(bench.under.engine.status()).toMatchObject({
      shown: 'degraded',
      degradations: [{ code: 'verification-off' }],
    });
  });
});

describe('liveness', () => {
  const quick = { keepalive_interval_ms: 20, pong_timeout_ms: 60, reconnect: { initial_delay_ms: 5 } };
  const dead = (): boolean =>
    bench.under.events.some(
      (event) => event.kind === 'connection-failed' && event.detail.includes('health check'),
    );

  it('an idle connection is kept alive by health checks', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    await bench.settle({ ...tcpPeers.documented, connection: quick });
    await bench.gateway.until('ten checks', (gateway) => gateway.framesOf(4).length >= 10);
    expect(bench.gateway.framesOf(4).every(({ text }) => text === '')).toBe(true);
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it('the Go router’s checks are an empty object', async () => {
    bench = await TcpBench.start({ mode: 'go-router', tokens });
    await bench.settle({ ...tcpPeers.goRouter, connection: quick });
    await bench.gateway.until('a check', (gateway) => gateway.framesOf(4).length >= 1);
    expect(bench.gateway.framesOf(4)[0]?.text).toBe('{}');
  });

  it('a peer that has agreed to a version and answers no check is left, and found again', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens, answersHealthChecks: false });
    const client = bench.attach({ ...tcpPeers.documented, connection: quick });
    await bench.under.until('the loss', dead);
    bench.gateway.reconfigure({ answersHealthChecks: true });
    client.request(1, 'a');
    expect((await client.reply(1)).result).toBeDefined();
  });

  it('a frame that comes slowly is a sign of life from its first byte on', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach({ ...tcpPeers.documented, connection: quick });
    client.request(1, 'a');
    await client.reply(1);
    bench.gateway.reconfigure({ answersHealthChecks: false });
    const bytes = tcpFrame('gateway', 2, '{}');
    const before = bench.gateway.framesOf(4).length;
    for (const [index, byte] of bytes.entries()) {
      bench.gateway.broadcastBytes(Buffer.from([byte]));
      await bench.gateway.until('a check', (gateway) => gateway.framesOf(4).length > before + index);
    }
    expect(dead()).toBe(false);
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it('the live frontend, which ignores checks, is not taken for dead', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach({ ...tcpPeers.live, connection: quick });
    await bench.gateway.until('ten checks', (gateway) => gateway.framesOf(4).length >= 10);
    client.request(1, 'a');
    await client.reply(1);
    expect(bench.gateway.connectionCount).toBe(1);
    expect(dead()).toBe(false);
  });
});

describe('the goodbye', () => {
  it('waits a second for a gateway that never hangs up, and no longer', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const sockets: Socket[] = [];
    const stubborn = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket.resume());
    });
    stubborn.listen(0, '127.0.0.1');
    await once(stubborn, 'listening');
    const client = bench.attach({ ...tcpPeers.live, url: `tcp://127.0.0.1:${portOf(stubborn)}` });
    await bench.under.until('connected', () => bench.under.kinds('connection-changed').length === 2);
    client.input.end();
    await client.left;
    for (const socket of sockets) socket.destroy();
    stubborn.close();
  });

  it('of the gateway is noticed at once', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach(tcpPeers.live);
    client.request(1, 'a');
    await client.reply(1);
    for (const connection of bench.gateway.connections) connection.end();
    await bench.under.until('the loss', () => bench.under.kinds('connection-failed').length === 1);
    expect(bench.under.kinds('connection-failed')[0]).toMatchObject({
      code: 'gateway-lost',
      detail: 'the other side closed the connection',
    });
    client.request(2, 'b');
    expect((await client.reply(2)).result).toBeDefined();
  });
});

describe('odd frames', () => {
  async function connected(): Promise<StreamTestClient> {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach(tcpPeers.live);
    client.request(1, 'a');
    await client.reply(1);
    return client;
  }

  it('control frames and health checks are signs of life, and are never answered', async () => {
    const client = await connected();
    bench.gateway.broadcast(3, '{"shutdown":true}');
    bench.gateway.broadcast(3, '');
    bench.gateway.broadcast(4, '');
    client.request(2, 'b');
    await client.reply(2);
    expect(bench.gateway.frames.map(({ type }) => type)).toEqual([6, 1, 1]);
    expect(bench.under.kinds('message-dropped')).toEqual([]);
  });

  it('an error frame, a second offer and an unreadable message are dropped and told; the connection goes on', async () => {
    const client = await connected();
    bench.gateway.broadcast(5, 'Version already negotiated');
    bench.gateway.broadcast(6, '{}');
    bench.gateway.broadcast(2, 'rubbish');
    bench.gateway.broadcast(2, '[]');
    client.request(2, 'b');
    await client.reply(2);
    expect(bench.under.kinds('message-dropped')).toHaveLength(4);
    expect(JSON.stringify(bench.under.events)).not.toContain('already');
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it.each([
    ['the other dialect', '4d435000000100040000000000000000', '0x4D435000'],
    ['another version', '4d4350420002000400000000', 'unsupported protocol version: 0x0002'],
    ['an unknown type', '4d4350420001000900000000', 'unknown message type: 0x0009'],
  ])('SEC-30 %s ends the connection, and a new one is made', async (_name, hex, words) => {
    const client = await connected();
    bench.gateway.broadcastBytes(Buffer.from(hex, 'hex'));
    await bench.under.until('the end', () => bench.under.kinds('connection-failed').length === 1);
    expect(bench.under.kinds('connection-failed')[0]).toMatchObject({ code: 'gateway-misbehaved' });
    expect(JSON.stringify(bench.under.kinds('connection-failed'))).toContain(words);
    client.request(2, 'b');
    expect((await client.reply(2)).result).toBeDefined();
    expect(bench.gateway.connectionCount).toBe(2);
  });
});

describe('back-pressure', () => {
  it('a gateway that does not read stops the client, not the memory', async () => {
    bench = await TcpBench.start({ mode: 'live', duplex: true });
    const client = bench.attach(tcpPeers.live);
    client.request('first', 'a');
    await client.reply('first');
    for (const connection of bench.gateway.connections) connection.stopReading();
    const filler = 'x'.repeat(512 * 1024);
    for (let id = 0; id < 40; id += 1) client.request(id, 'm', { filler });
    await client.until(
      'the client is stopped',
      () => client.input.isPaused() && client.input.readableLength > 0,
    );
    for (const connection of bench.gateway.connections) connection.readOn();
    await client.until('all replies', () => client.lines.length === 41);
    expect(new Set(client.replies.map(({ id }) => id)).size).toBe(41);
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it('a client that does not read stops the gateway, and is not taken for a dead connection', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach({
      ...tcpPeers.documented,
      connection: { keepalive_interval_ms: 50, pong_timeout_ms: 500 },
    });
    client.output.pause();
    const filler = 'x'.repeat(1024 * 1024);
    for (let id = 0; id < 24; id += 1) client.request(id, 'm', { filler });
    await bench.gateway.until('checks go on', (gateway) => gateway.framesOf(4).length >= 25);
    client.output.resume();
    await client.until('all replies', () => client.lines.length === 24);
    expect(bench.gateway.connectionCount).toBe(1);
  });
});
