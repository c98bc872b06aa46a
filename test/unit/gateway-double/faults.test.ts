import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionBackend } from '../../support/gateway/backend-function';
import type { MessageFault } from '../../support/gateway/faults';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import { attempt, RawRouter, refusal } from './raw-router';

let gateway: Gateway;
let router: RawRouter;
let executed: unknown[];

beforeEach(async () => {
  executed = [];
  const backend: FunctionBackend = {
    kind: 'function',
    handle: ({ id, method }, reply) => {
      executed.push(id);
      reply.result({ method });
    },
  };
  gateway = await startGateway({ backend });
  router = await RawRouter.connect(gateway.url);
});
afterEach(async () => {
  await gateway.stop();
});

const FORWARD = '[router] forward_request: INTERNAL: failed to forward request: ';

describe('a fault of the reply', () => {
  it('drops it after the backend worked', async () => {
    gateway.faults.next({ kind: 'drop-reply' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.call('ping', {}, 2)).toContain('"id":2');
    expect(router.frames).toHaveLength(1);
    expect(executed).toStrictEqual([1, 2]);
  });

  it('holds it until the test lets go, and everything behind it', async () => {
    let letGo = (): void => undefined;
    gateway.faults.next({ kind: 'hold-reply', until: new Promise<void>((resolve) => (letGo = resolve)) });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    await gateway.until('both to arrive', () => gateway.recording.messages.length === 2);
    gateway.broadcast('marker');
    expect(await router.nextFrame()).toBe('marker');
    letGo();
    expect(await router.nextPayload()).toContain('"id":1');
    expect(await router.nextPayload()).toContain('"id":2');
  });

  it('delays it', async () => {
    gateway.faults.next({ kind: 'delay-reply', delayMs: 20 });
    const startedAt = performance.now();
    await router.call('ping');
    expect(performance.now() - startedAt).toBeGreaterThan(18);
  });

  it('sends it twice', async () => {
    gateway.faults.next({ kind: 'duplicate-reply' });
    expect(await router.call('ping')).toBe(await router.nextPayload());
  });

  it('sends one for nobody first', async () => {
    gateway.faults.next({ kind: 'unknown-id', idText: '99' });
    expect(await router.call('ping')).toContain('"id":99');
    expect(await router.nextPayload()).toContain('"id":1');
  });

  it('sends an error with a null id first', async () => {
    gateway.faults.next({ kind: 'null-id-error', message: 'odd' });
    expect(JSON.parse(await router.call('ping'))).toMatchObject({ id: null, error: { message: 'odd' } });
    expect(await router.nextPayload()).toContain('"id":1');
  });

  it('makes it exactly as large as wanted', async () => {
    const bytes = 1024 * 1024 + 1;
    gateway.faults.next({ kind: 'oversized-frame', bytes });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const frame = await router.nextFrame();
    expect(Buffer.byteLength(frame)).toBe(bytes);
    expect(JSON.parse(frame)).toMatchObject({
      mcp_payload: { id: 1, result: { original: { method: 'ping' } } },
    });
  });

  it('sends it as a binary frame', async () => {
    gateway.faults.next({ kind: 'binary-frame' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.until('it', () => router.binaryFrames.length === 1);
    expect(router.frames).toStrictEqual([]);
  });

  it('sends it without an envelope', async () => {
    gateway.faults.next({ kind: 'bare-reply' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.nextFrame()).toBe('{"jsonrpc":"2.0","result":{"method":"ping"},"id":1}');
  });

  it('breaks the envelope', async () => {
    gateway.faults.next({ kind: 'broken-envelope' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const frame = await router.nextFrame();
    expect(() => void JSON.parse(frame)).toThrow(SyntaxError);
    gateway.faults.next({ kind: 'broken-envelope', text: '{}' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.nextFrame()).toBe('{}');
  });
});

describe('a fault of the backend', () => {
  it.each<[MessageFault, string]>([
    [{ kind: 'backend-status', status: 202 }, `${FORWARD}backend returned status 202: `],
    [{ kind: 'backend-status', status: 500, body: 'oops' }, `${FORWARD}backend returned status 500: oops`],
    [{ kind: 'breaker-open' }, `${FORWARD}circuit breaker is open (failing fast)`],
    [
      { kind: 'no-healthy-endpoints' },
      '[router] UNAVAILABLE: no healthy endpoints available for namespace: system',
    ],
    [
      { kind: 'backend-timeout' },
      `${FORWARD}[router] http_request: INTERNAL: HTTP request failed: Post "http://backend/mcp": net/http: timeout awaiting response headers`,
    ],
  ])('%j is told in the words of the real gateway, and nothing is executed', async (fault, message) => {
    gateway.faults.next(fault);
    expect(JSON.parse(await router.call('ping'))).toStrictEqual({
      jsonrpc: '2.0',
      error: { code: -32603, message },
      id: 1,
    });
    expect(executed).toStrictEqual([]);
  });
});

describe('a fault of the connection', () => {
  it.each([1000, 1001, 1006, 1011])('closes with %i before the backend works', async (code) => {
    gateway.faults.next({ kind: 'close', code });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.until('the close', () => router.close !== null);
    expect(router.close?.code).toBe(code);
    expect(executed).toStrictEqual([]);
  });

  it('closes after the backend worked', async () => {
    gateway.faults.next({ kind: 'close', code: 1011, reason: 'why', moment: 'after-backend' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.until('the close', () => router.close !== null);
    expect(router.close).toStrictEqual({ code: 1011, reason: 'why' });
    expect(executed).toStrictEqual([1]);
    expect(router.frames).toStrictEqual([]);
  });

  it('closes all connections at once', async () => {
    const other = await RawRouter.connect(gateway.url);
    gateway.dropConnections(1001, 'away');
    for (const each of [router, other]) {
      await each.until('the close', () => each.close !== null);
      expect(each.close).toStrictEqual({ code: 1001, reason: 'away' });
    }
  });

  it('leaves pings without an answer, or answers late', async () => {
    gateway.faults.next({ kind: 'no-pong' });
    router.ping('one');
    router.ping('two');
    await router.until('a pong', () => router.pongs.length === 1);
    expect(router.pongs).toStrictEqual(['two']);
    let letGo = (): void => undefined;
    gateway.faults.next({ kind: 'slow-pong', until: new Promise<void>((resolve) => (letGo = resolve)) });
    router.ping('three');
    expect(await router.call('ping')).toContain('"id":1');
    expect(router.pongs).toStrictEqual(['two']);
    letGo();
    await router.until('the late pong', () => router.pongs.length === 2);
  });

  it('refuses an upgrade with any status', async () => {
    gateway.faults.next({ kind: 'refuse-upgrade', status: 429, headers: { 'Retry-After': '7' } });
    const answer = await refusal(gateway.url);
    expect(answer).toMatchObject({ status: 429, body: 'Too Many Requests\n' });
    expect(answer.headers['retry-after']).toBe('7');
    await RawRouter.connect(gateway.url);
  });

  it('never answers an upgrade', async () => {
    gateway.faults.next({ kind: 'ignore-upgrade' });
    await expect(attempt(gateway.url, { handshakeTimeout: 30 })).rejects.toThrow('timed out');
    expect(gateway.recording.upgrades.at(-1)).toMatchObject({ status: null, connection: null });
  });
});

describe('the order of faults', () => {
  it('is: single ones first, then the lasting one, until they are cleared', async () => {
    gateway.faults.always({ kind: 'breaker-open' });
    gateway.faults.next({ kind: 'backend-status', status: 1 }, { uses: 2 });
    gateway.faults.next({ kind: 'backend-status', status: 2 });
    const seen: string[] = [];
    for (let id = 0; id < 5; id += 1) seen.push(await router.call('ping', {}, id));
    expect(seen.map((reply) => /status \d|breaker/.exec(reply)?.[0])).toStrictEqual([
      'status 1',
      'status 1',
      'status 2',
      'breaker',
      'breaker',
    ]);
    gateway.faults.clear();
    expect(await router.call('ping')).toContain('"result"');
  });

  it('leaves notifications and other methods alone', async () => {
    gateway.faults.next({ kind: 'breaker-open' }, { method: 'tools/call' });
    expect(await router.call('ping')).toContain('"result"');
    expect(await router.call('tools/call')).toContain('breaker');
    gateway.faults.next({ kind: 'breaker-open' });
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await router.nextError()).toContain('202');
    expect(gateway.faults.pending).toBe(1);
    gateway.faults.next({ kind: 'drop-reply' }, { method: 'notifications/initialized' });
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await router.call('ping')).toContain('breaker');
  });
});
