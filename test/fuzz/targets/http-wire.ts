import { noCredentials } from '../../support/engine-client';
import fc from 'fast-check';

import { createHttpClient } from '../../../src/main/engine/auth/http-client';
import { exchange, type ExchangeOutcome } from '../../../src/main/engine/gateway/transports/http-exchange';
import { HttpLink } from '../../../src/main/engine/gateway/transports/http-link';
import {
  openGatewayHttp,
  openStreamableHttp,
} from '../../../src/main/engine/gateway/transports/streamable-http';
import { errorTable } from '../../../src/shared/model/errors';
import { cutAt, cuts, holds, mutated, rawBytes } from '../bytes';
import { jsonTexts } from '../json-texts';
import { MAX_MESSAGE_BYTES, messageOf, openCase } from '../open-case';
import { DIAL_LIMIT_MS, hastyClock, RawPeer, type Script } from '../raw-peer';
import { fuzzTarget } from '../target';

const statuses = fc.oneof(
  { weight: 8, arbitrary: fc.constant('200 OK') },
  fc.constantFrom(
    '202 Accepted',
    '204 No Content',
    '304 x',
    '400 Bad Request',
    '401 x',
    '404 x',
    '405 x',
    '429 x',
  ),
  fc.constantFrom(
    '503 x',
    '500 x',
    '100 Continue',
    '101 x',
    '103 Early Hints',
    '302 x',
    '999 x',
    '99',
    'x',
    '',
  ),
);
const headers = fc.oneof(
  fc.constantFrom('Mcp-Session-Id: s1', 'Mcp-Session-Id: with space', 'Retry-After: 0', 'Retry-After: 1'),
  fc.constantFrom(
    'Location: /elsewhere',
    'Connection: close',
    'Keep-Alive: timeout=1',
    'Content-Encoding: gzip',
  ),
  fc.constantFrom(
    'Content-Length: 5',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'X: '.padEnd(20_000, 'x'),
  ),
  fc.constantFrom('Content-Type: text/plain', ' folded', 'no colon', ': empty', 'A: \u00e9', 'B: \0'),
);
const replies = fc.constantFrom(
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}',
  '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}}',
  '{"jsonrpc":"2.0","method":"notifications/message","params":{}}',
  `{"jsonrpc":"2.0","id":1,"result":"${'x'.repeat(1100)}"}`,
);
const bodies = fc.oneof(
  { weight: 4, arbitrary: replies },
  jsonTexts.map((text) => text.toString('latin1')),
  fc.constant(''),
);
const events = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        '',
        'id: 1\n',
        'id: 2\n',
        'retry: 1\n',
        'event: endpoint\n',
        'event: message\n',
        ': x\n',
      ),
      fc.oneof(
        { weight: 3, arbitrary: bodies },
        fc.constantFrom('/messages?x=1', 'http://elsewhere.example/', '//'),
      ),
    ),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(([fields, data]) => `${fields}data: ${data.replaceAll(/[\r\n]/g, ' ')}\n\n`).join(''),
  );

function inChunks(body: string): string {
  const half = Math.ceil(body.length / 2);
  const parts = [body.slice(0, half), body.slice(half)].filter((part) => part !== '');
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

const answers = mutated(
  fc
    .record({
      status: statuses,
      more: fc.array(headers, { maxLength: 2 }),
      content: fc.oneof(
        bodies.map((body) => ({ type: 'application/json', body })),
        events.map((body) => ({ type: 'text/event-stream', body })),
      ),
      framing: fc.constantFrom('length', 'length', 'chunked', 'until the end'),
    })
    .map(({ status, more, content: { type, body }, framing }) => {
      const framed: Readonly<Record<string, string>> = {
        length: `Content-Length: ${String(body.length)}\r\n`,
        chunked: 'Transfer-Encoding: chunked\r\n',
      };
      const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${more.map((line) => `${line}\r\n`).join('')}`;
      const text = `${head}${framed[framing] ?? ''}\r\n${framing === 'chunked' ? inChunks(body) : body}`;
      return Buffer.from(text, 'latin1');
    }),
  [
    '\r\n',
    '\r\n\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    '0\r\n\r\n',
    'ffffffff\r\n',
    'data: ',
    '\n\n',
  ],
);
const said = fc.oneof({ weight: 12, arbitrary: answers }, rawBytes(100));

interface HttpCase {
  readonly script: readonly Buffer[];
  readonly places: readonly number[];
  readonly finale: Script['finale'];
}

const cases = (maxLength: number): fc.Arbitrary<HttpCase> =>
  fc.record({
    script: fc.array(said, { minLength: 1, maxLength }),
    places: cuts,
    finale: fc.constantFrom('end' as const, 'end' as const, 'reset' as const, 'stay' as const),
  });

const scriptOf = ({ script, places, finale }: HttpCase): Script => ({
  answers: script.map((answer) => cutAt(answer, places)),
  finale,
  speaksAt: 'request',
  patienceMs: 25,
});

const request = messageOf({ id: 1, method: 'tools/call', params: { name: 't' } });
const exchangePeer = new RawPeer();

function checkOutcome(outcome: ExchangeOutcome): void {
  const cause = 'cause' in outcome ? outcome.cause : undefined;
  if (cause === undefined) return;
  holds(
    Object.hasOwn(errorTable, cause.code) && cause.code !== 'internal',
    `the exchange ended in ${cause.code}`,
  );
}

export const httpExchangeTarget = fuzzTarget({
  name: 'http-exchange',
  parser: 'the answer to one message over HTTP, on a socket',
  cases: cases(3),
  check: async (one) => {
    const abort = new AbortController();
    const cut = (): void => {
      abort.abort();
    };
    const client = createHttpClient({
      tls: () => Promise.reject(new Error('not asked for')),
      proxyFor: () => Promise.resolve(null),
      timeoutMs: DIAL_LIMIT_MS,
      clock: hastyClock,
    });
    const credentials = noCredentials;
    const { signal } = abort;
    exchangePeer.play(scriptOf(one), cut);
    try {
      const outcome = await exchange(request, {
        link: new HttpLink({ client, credentials, credential: null, clock: hastyClock, signal }),
        url: new URL(`http://127.0.0.1:${String(await exchangePeer.port())}/mcp`),
        headers: { 'mcp-session-id': 's' },
        body: request.bytes,
        clock: hastyClock,
        maxBytes: MAX_MESSAGE_BYTES,
        signal: abort.signal,
        cut,
        repliesElsewhere: false,
        mayRead: () => Promise.resolve(),
        onHead: ({ status }) => {
          holds(Number.isInteger(status), 'no status');
        },
        deliver: (payload) => {
          holds(payload.length <= MAX_MESSAGE_BYTES, `a message of ${String(payload.length)} bytes`);
          return payload.includes('"id":1,');
        },
      });
      checkOutcome(outcome);
    } finally {
      exchangePeer.clear();
      await client.close();
    }
  },
  stop: () => exchangePeer.stop(),
});

const transportPeer = new RawPeer();
const conversation = [
  messageOf({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } }),
  messageOf({ method: 'notifications/initialized' }),
  messageOf({ id: 2, method: 'tools/list' }),
];

export const httpTransportTarget = fuzzTarget({
  name: 'http-transport',
  parser: 'a whole conversation over HTTP, on sockets: sessions, streams, HTTP+SSE',
  cases: fc.record({ one: cases(6), isGateway: fc.boolean(), opens: fc.boolean() }),
  check: async ({ one, isGateway, opens }) => {
    // Most answers to the opening question end everything; a good one leads further.
    const good = Buffer.from('HTTP/1.1 405 x\r\nContent-Length: 0\r\n\r\n');
    const script = scriptOf(opens ? { ...one, script: [good, ...one.script] } : one);
    await openCase(transportPeer, {
      open: isGateway ? openGatewayHttp : openStreamableHttp,
      url: `http://127.0.0.1:${String(await transportPeer.port())}/mcp`,
      gateway: { transport: isGateway ? 'gateway-http' : 'streamable-http' },
      send: conversation,
      endsWhenSettled: true,
      script,
    });
  },
  stop: () => transportPeer.stop(),
});
