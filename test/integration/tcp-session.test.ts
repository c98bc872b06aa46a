import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionReply,
} from '../support/gateway/backend-function';
import type { TcpGatewayOptions } from '../support/gateway/tcp-settings';
import { TCP_TOKEN, TcpBench, tcpPeers } from '../support/tcp-bench';

let bench: TcpBench;

afterEach(() => bench.stop());

/** Answers each request with the very text of it, so that a test sees what arrived. */
const mirror: FunctionBackend = {
  kind: 'function',
  handle: ({ text, method, id, params }, reply) => {
    if (method === 'initialize') reply.result(minimalInitializeResult(params));
    else reply.text(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"sent":${text}}}`);
  },
};

const tokens = [TCP_TOKEN];
const peers: readonly (readonly [string, TcpGatewayOptions, Record<string, unknown>])[] = [
  ['the live frontend', { mode: 'live' }, tcpPeers.live],
  ['a frontend that reads the wrapper', { mode: 'live', tokens }, tcpPeers.wrapper],
  ['the documented handler', { mode: 'documented', tokens }, tcpPeers.documented],
  ['dialect go-router', { mode: 'go-router', tokens }, tcpPeers.goRouter],
];

describe.each(peers)('a session with %s', (_name, options, gatewayKeys) => {
  it('opens the MCP session with the server behind it, and carries requests and replies', async () => {
    bench = await TcpBench.start(options);
    const client = bench.attach(gatewayKeys);
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'function' } });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toEqual({ method: 'tools/list', params: {} });
    client.request('two', 'tools/call', { name: 'echo' });
    expect((await client.reply('two')).result).toEqual({ method: 'tools/call', params: { name: 'echo' } });
    expect(client.lines).toHaveLength(3);
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it('passes bytes through: unknown members, big integers, key order and escapes survive', async () => {
    bench = await TcpBench.start({ ...options, backend: mirror, encoding: 'raw' });
    const client = bench.attach(gatewayKeys);
    const text =
      '{"zeta":1, "jsonrpc":"2.0","params":{"big":12345678901234567890,"e":"\\u00e9é<&>","n":1.50},"id":"x","method":"m","alpha":[]}';
    client.send(text);
    await client.reply('x');
    expect(bench.gateway.recording.requests('m')[0]?.payloadText).toBe(text);
    expect(client.lines[0]).toBe(`{"jsonrpc":"2.0","id":"x","result":{"sent":${text}}}`);
  });

  it('SEC-10 survives a crash of the gateway: one reply each, and the MCP session is opened again', async () => {
    bench = await TcpBench.start(options);
    const held = deferred();
    bench.gateway.faults.next({ kind: 'hold-reply', until: held.promise }, { method: 'slow' });
    const client = bench.attach(gatewayKeys);
    await client.initialize();
    client.request(1, 'slow');
    await bench.gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    await bench.gateway.restart();
    held.resolve();
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-lost' });
    client.request(2, 'next');
    expect((await client.reply(2)).result).toMatchObject({ method: 'next' });
    const second = bench.gateway.recording.messages.filter(({ connection }) => connection > 1);
    const fromClient = second.filter(({ idText }) => idText !== '"mcp-router-sign-in"');
    expect(fromClient.find(({ kind }) => kind === 'request')).toMatchObject({ method: 'initialize' });
    expect(bench.gateway.recording.requests('slow')).toHaveLength(1);
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 1, 2]);
  });

  it('closes politely and answers what is owed', async () => {
    bench = await TcpBench.start(options);
    const client = bench.attach(gatewayKeys);
    client.request(1, 'ping');
    client.input.end('{"jsonrpc":"2.0","id":2,"method":"last"}');
    await client.left;
    expect(client.replies.map(({ id }) => id).sort()).toEqual([1, 2]);
    await bench.gateway.until('the close', ({ recording }) => recording.closes.length === 1);
    expect(bench.gateway.recording.closes[0]?.code).toBe(1000);
  });
});

describe('where the token travels', () => {
  const authTokens = (): readonly unknown[] =>
    bench.gateway.recording.messages.map(({ envelope }) => envelope?.authToken);

  it('SEC-31 initialize: in the router’s own sign-in and nowhere else; the server never sees it', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach(tcpPeers.documented);
    await client.initialize();
    client.request(1, 'ping');
    await client.reply(1);
    const carriers = bench.gateway.frames.filter(({ text }) => text.includes(TCP_TOKEN));
    expect(carriers.map(({ text }) => text)).toEqual([
      `{"jsonrpc":"2.0","id":"mcp-router-sign-in","method":"initialize","params":{"token":"${TCP_TOKEN}"}}`,
    ]);
    expect(bench.gateway.recording.requests().map(({ method, idText }) => [method, idText])).toEqual([
      ['initialize', '"mcp-router-sign-in"'],
      ['initialize', '"init"'],
      ['ping', '1'],
    ]);
  });

  it('SEC-31 wrapper: beside each message', async () => {
    bench = await TcpBench.start({ mode: 'live', tokens });
    const client = bench.attach(tcpPeers.wrapper);
    await client.initialize();
    client.request(1, 'ping');
    await client.reply(1);
    expect(authTokens()).toEqual([TCP_TOKEN, TCP_TOKEN, TCP_TOKEN]);
  });

  it('SEC-31 none: nowhere, though there is one', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach({
      auth: { token_env: 'TOKEN' },
      tcp: { negotiate: 'off', token_in: 'none' },
    });
    await client.initialize();
    expect(bench.gateway.frames.some(({ text }) => text.includes(TCP_TOKEN))).toBe(false);
    expect(authTokens()).toEqual([null]);
  });

  it('dialect go-router: in the envelope, or nowhere', async () => {
    bench = await TcpBench.start({ mode: 'go-router' });
    const client = bench.attach({ ...tcpPeers.goRouter, tcp: { dialect: 'go-router', token_in: 'none' } });
    await client.initialize();
    expect(authTokens()).not.toContain(TCP_TOKEN);
  });
});

describe('notifications', () => {
  const initialized = (): unknown[] =>
    bench.gateway.recording.messages.filter(({ method }) => method === 'notifications/initialized');

  it('are dropped after a sign-in, and each drop is told', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach(tcpPeers.documented);
    await client.initialize();
    client.request(1, 'ping');
    await client.reply(1);
    expect(initialized()).toEqual([]);
    expect(bench.under.kinds('message-dropped')).toHaveLength(1);
    expect(bench.gateway.connectionCount).toBe(1);
  });

  it('are sent where gateway.tcp.notifications says so', async () => {
    bench = await TcpBench.start({ mode: 'documented', tokens });
    const client = bench.attach({
      ...tcpPeers.documented,
      tcp: { notifications: 'send' },
      connection: { reconnect: { initial_delay_ms: 60_000 } },
    });
    await client.initialize();
    await bench.gateway.until('the end', ({ recording }) => recording.closes.length === 1);
    expect(initialized()).toHaveLength(1);
  });

  it('are sent to the live frontend, whose answers to them reach nobody', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach(tcpPeers.live);
    await client.initialize();
    client.request(1, 'ping');
    await client.reply(1);
    expect(initialized()).toHaveLength(1);
    expect(client.lines).toHaveLength(2);
  });

  it('are kept back where gateway.tcp.notifications says so', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach({ ...tcpPeers.live, tcp: { negotiate: 'off', notifications: 'drop' } });
    await client.initialize();
    client.request(1, 'ping');
    await client.reply(1);
    expect(initialized()).toEqual([]);
  });
});

describe('the lane down', () => {
  const isReply = (value: unknown): value is FunctionReply =>
    typeof value === 'object' && value !== null && 'result' in value;
  const asking: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      const asked = session.memory.get('asked');
      if (message.method === 'ask') {
        session.memory.set('asked', reply);
        session.send({ id: 'q1', method: 'sampling/createMessage', params: { n: 1 } });
        session.send({ method: 'notifications/message', params: { level: 'info' } });
      } else if (message.method === '' && isReply(asked)) {
        asked.result({ answer: message.result });
      } else {
        reply.result({});
      }
    },
  };

  it.each([
    ['gateway', { mode: 'live' }, tcpPeers.live],
    ['go-router', { mode: 'go-router', tokens }, tcpPeers.goRouter],
  ] as const)('in dialect %s carries questions, notifications and answers', async (_name, options, keys) => {
    bench = await TcpBench.start({ ...options, backend: asking, duplex: true });
    const client = bench.attach(keys);
    client.request(1, 'ask');
    await client.until('both', () => client.lines.length === 2);
    expect(client.replies.map(({ method }) => method)).toEqual([
      'sampling/createMessage',
      'notifications/message',
    ]);
    client.send({ jsonrpc: '2.0', id: 'q1', result: { text: 'yes' } });
    expect((await client.reply(1)).result).toEqual({ answer: { text: 'yes' } });
    expect(bench.gateway.framesOf(2)).toHaveLength(1);
  });
});

describe('sizes', () => {
  const MIB = 1024 * 1024;

  it('carries 3 MiB in both directions: the limit on TCP is 10 MiB', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    const client = bench.attach(tcpPeers.live);
    client.request(1, 'm', { filler: 'x'.repeat(3 * MIB) });
    expect(JSON.stringify((await client.reply(1)).result)).toHaveLength(3 * MIB + 37);
  });

  it('SEC-30 refuses what is larger before it is sent, with the wrapper counted', async () => {
    bench = await TcpBench.start({ mode: 'live', tokens });
    const client = bench.attach({ ...tcpPeers.wrapper, max_message_bytes: 2048 });
    client.request('edge', 'm', { filler: 'x'.repeat(1960) });
    expect((await client.reply('edge')).error?.data).toMatchObject({
      code: 'message-too-large',
      limit: 'gateway.max_message_bytes',
    });
    client.request('large', 'm', { filler: 'x'.repeat(4000) });
    expect((await client.reply('large')).error?.data).toMatchObject({ code: 'message-too-large' });
    expect(bench.gateway.recording.messages).toEqual([]);
  });

  it('SEC-30 leaves a gateway that sends more than is allowed; the request says so and the next one works', async () => {
    bench = await TcpBench.start({ mode: 'live' });
    bench.gateway.faults.next({ kind: 'oversized-frame', bytes: 4097 });
    const client = bench.attach({ ...tcpPeers.live, max_message_bytes: 4096 });
    client.request(1, 'a');
    const { error } = await client.reply(1);
    expect(error?.data).toMatchObject({ code: 'gateway-lost' });
    expect(error?.message).toContain('payload too large: 4097 bytes');
    client.request(2, 'b');
    expect((await client.reply(2)).result).toBeDefined();
  });
});
