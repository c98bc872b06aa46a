import { once } from 'node:events';
import { createConnection } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, DoorBench, initialize, replyOf } from '../support/door-bench';
import { eventsOf } from '../support/event-reader';
import type { FunctionReply } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { HeldGateway } from '../support/held-gateway';
import { HttpBench } from '../support/http-bench';
import { settled } from '../support/router-bench';

const bench = new HttpBench();
let gateway: Gateway;
let held: readonly FunctionReply[];

beforeEach(async () => {
  ({ gateway, held } = bench.own(await HeldGateway.start()));
});
afterEach(() => bench.stop());

const start = async (local: Record<string, unknown> = {}): Promise<DoorBench> =>
  bench.own(await DoorBench.start(gateway.url, { local }));

describe('streams', () => {
  it('local.http.keep_alive_ms: an answer that takes longer becomes a stream that shows life', async () => {
    const door = await start({ http: { keep_alive_ms: 20 } });
    const headers = await door.session();
    const response = await door.post(ask(1, 'hold'), headers);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const parts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(':\n\n')) text += (await parts?.read())?.value ?? '';
    held[0]?.result({ ok: true });
    for (let part = await parts?.read(); part?.done === false; part = await parts?.read()) text += part.value;
    expect(text).toMatch(/data: .*"result":\{"ok":true\}.*\n\n/);
  });

  const news = async (
    door: DoorBench,
    headers: Record<string, string>,
    ids: readonly number[],
  ): Promise<void> => {
    for (const id of ids) await (await door.post(ask(id, 'news', { id }), headers)).text();
  };
  const listen = (door: DoorBench, headers: Record<string, string>): Promise<Response> =>
    fetch(door.url, { headers: { ...door.headers(), ...headers } });

  it('local.http.replay_events: what came while nobody listened is kept, and the oldest goes first', async () => {
    const door = await start({ http: { replay_events: 2 } });
    const headers = await door.session();
    await news(door, headers, [1, 2, 3]);
    expect(door.kinds('message-dropped')).toHaveLength(1);
    const stream = eventsOf(await listen(door, headers));
    const [second, third] = [await stream.next(), await stream.next()];
    expect([second.data, third.data].map((data) => /"id":(\d)/.exec(data)?.[1])).toEqual(['2', '3']);
    await stream.close();
    const again = eventsOf(await listen(door, { ...headers, 'last-event-id': second.id }));
    expect(await again.next()).toEqual(third);
    await news(door, headers, [4]);
    expect((await again.next()).data).toContain('"id":4');
    await again.close();
    for (const id of ['nonsense', '99-1']) {
      expect((await listen(door, { ...headers, 'last-event-id': id })).status).toBe(400);
    }
  });

  it('local.http.replay_bytes: no more than that is kept', async () => {
    const door = await start({ http: { replay_bytes: 1024 } });
    const headers = await door.session();
    const text = 'x'.repeat(600);
    for (const id of [1, 2]) await (await door.post(ask(id, 'news', { id, text }), headers)).text();
    const stream = eventsOf(await listen(door, headers));
    expect((await stream.next()).data).toContain('"id":2');
    await stream.close();
  });

  it('carry progress with the request that it is about, also where the gateway does not say which', async () => {
    const door = await start();
    const headers = await door.session();
    const standing = eventsOf(await listen(door, headers));
    const steps = ask(1, 'steps', { _meta: { progressToken: 'steps' } });
    const stream = eventsOf(await door.post(steps, headers));
    for (let progress = 1; progress <= 3; progress += 1) {
      expect((await stream.next()).data).toContain(`"progress":${String(progress)}`);
    }
    expect((await stream.next()).data).toContain('"result"');
    await stream.ended;
    await news(door, headers, [1]);
    expect((await standing.next()).data).toContain('"id":1');
    await standing.close();
  });

  it.each([true, false])(
    'carry questions of the server, with a stream of their own: %s',
    async (isListening) => {
      const door = await start();
      const headers = await door.session();
      const standing = isListening ? eventsOf(await listen(door, headers)) : null;
      const asking = door.post(ask(1, 'ask'), headers);
      const stream = standing ?? eventsOf(await asking);
      expect((await stream.next()).data).toContain('sampling/createMessage');
      const answer = { jsonrpc: '2.0', id: 'question', result: { text: 'sampled' } };
      expect((await door.post(answer, headers)).status).toBe(202);
      const reply = isListening ? await (await asking).text() : (await stream.next()).data;
      expect(reply).toContain('"result":{"text":"sampled"}');
      await standing?.close();
    },
  );

  it('begin at once where a client can come back to them, and say when', async () => {
    const door = await start({ http: { keep_alive_ms: 3_600_000 } });
    const headers = await door.session(door.token, '2025-11-25');
    const response = await door.post(ask(1, 'hold'), headers);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reading = response.text();
    await gateway.until('held', () => held.length === 1);
    held[0]?.result({ ok: true });
    const text = await reading;
    expect(text).toMatch(/^id: \d+-0\nretry: \d+\ndata: \n\nid: \d+-1\nevent: message\ndata: \{/);
    expect(text).toContain('"result":{"ok":true}');
    const again = await door.post({ ...initialize, id: 'again' }, headers);
    expect(again.headers.get('content-type')).toBe('application/json');
    await again.text();
  });

  it('goes on with the reply to a request whose stream broke', async () => {
    const door = await start();
    const headers = await door.session(door.token, '2025-11-25');
    const stream = eventsOf(await door.post(ask(1, 'hold'), headers));
    const { id, data } = await stream.next();
    expect(data).toBe('');
    await stream.close();
    await gateway.until('held', () => held.length === 1);
    held[0]?.result({ ok: true });
    const again = eventsOf(await listen(door, { ...headers, 'last-event-id': id }));
    expect(JSON.parse((await again.next()).data)).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
    await again.ended;
  });

  it('are open to a few at once, and in the 2026 era to nobody', async () => {
    const door = await start();
    const headers = await door.session();
    const streams = [];
    for (let count = 0; count < 4; count += 1) streams.push(eventsOf(await listen(door, headers)));
    expect((await listen(door, headers)).status).toBe(409);
    for (const stream of streams) await stream.close();
    for (const method of ['GET', 'DELETE']) {
      const modern = { ...door.headers(), 'mcp-protocol-version': '2026-07-28' };
      expect((await fetch(door.url, { method, headers: modern })).status).toBe(405);
    }
  });
});

describe('SEC-96 sessions over HTTP', () => {
  it('local.http.session_idle_ms: end when nobody uses them, and not while a stream is open', async () => {
    const door = await start({ http: { session_idle_ms: 500 } });
    const [idle, open] = [await door.session(), await door.session()];
    const stream = eventsOf(await fetch(door.url, { headers: { ...door.headers(), ...open } }));
    await door.until('the idle one', () => door.kinds('session-closed').length === 1);
    expect((await door.post(ask(1, 'm'), idle)).status).toBe(404);
    expect((await door.post(ask(1, 'm'), open)).status).toBe(200);
    await stream.close();
    await door.until('the other one', () => door.kinds('session-closed').length === 2);
  });

  it('make room for new ones of the same token, and for nobody else', async () => {
    const door = await start({ max_sessions: 2 });
    const other = door.tokens.give('other');
    const [first, second] = [await door.session(), await door.session()];
    const refused = await door.post(initialize, {}, other);
    expect(refused.status).toBe(503);
    expect(await replyOf(refused)).toMatchObject({
      id: 'init',
      error: { data: { code: 'session-limit', limit: 'local.max_sessions' } },
    });
    const third = await door.session();
    expect((await door.post(ask(1, 'm'), first)).status).toBe(404);
    for (const headers of [second, third]) expect((await door.post(ask(1, 'm'), headers)).status).toBe(200);
  });

  it('200 that come and go leave nothing behind', async () => {
    const door = await start({ max_sessions: 16, http: { session_idle_ms: 2000 } });
    const visit = async (turn: number): Promise<void> => {
      const headers = await door.session();
      const stream =
        turn % 3 === 0
          ? eventsOf(await fetch(door.url, { headers: { ...door.headers(), ...headers } }))
          : null;
      await (await door.post(ask(1, 'm'), headers)).text();
      await stream?.close();
      if (turn % 2 === 0)
        await fetch(door.url, { method: 'DELETE', headers: { ...door.headers(), ...headers } });
    };
    for (let turn = 0; turn < 200; turn += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => visit(turn + index)));
    }
    await door.until('all gone', () => door.kinds('session-closed').length === 200, 30_000);
    await gateway.until('no connection', ({ connections }) => connections.length === 0);
    await settled();
    expect(door.engine.status().sessions).toEqual([]);
  }, 60_000);

  it('of a client that does not read are cut, and spare the others', async () => {
    const door = await start({ http: { keep_alive_ms: 50, session_idle_ms: 1000 } });
    const headers = await door.session();
    const socket = createConnection({ port: door.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const head = Object.entries({ host: '127.0.0.1', ...door.headers(), ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    for (let id = 0; id < 64; id += 1) {
      const body = JSON.stringify(ask(id, 'large'));
      socket.write(`POST /mcp HTTP/1.1\r\n${head}content-length: ${String(body.length)}\r\n\r\n${body}`);
    }
    const other = await door.session();
    const sum = await replyOf(await door.post(ask(1, 'm'), other));
    expect(sum.result).toBeDefined();
    await door.until('both gone', () => door.kinds('session-closed').length === 2);
    socket.destroy();
  });
});
