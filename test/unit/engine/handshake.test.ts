import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { Handshake } from '../../../src/main/engine/router/handshake';
import { ManualClock } from '../../support/manual-clock';
import { notificationLine, requestLine } from '../../support/router-bench';

function message(line: Buffer): Message {
  const scanned = scanMessage(line);
  if (scanned.kind !== 'message') throw new Error('not a message');
  return scanned.message;
}

class Bench {
  readonly handshake = new Handshake();
  readonly clock = new ManualClock();
  readonly abort = new AbortController();
  readonly sent: Message[] = [];
  outcome: 'sent' | 'too-large' = 'sent';

  open(line = requestLine('i', 'initialize')): void {
    const initialize = message(line);
    if (initialize.kind !== 'request') throw new Error('not a request');
    this.handshake.noteAccepted(initialize);
    this.handshake.noteRequest(initialize);
    this.handshake.noteReply(initialize.id.key, 'result');
  }

  initialized(): void {
    const notification = message(notificationLine('notifications/initialized'));
    if (notification.kind === 'notification') this.handshake.noteNotification(notification);
  }

  replay(): Promise<boolean> {
    const send = (next: Message): 'sent' | 'too-large' => {
      this.sent.push(next);
      return this.outcome;
    };
    const { clock, abort } = this;
    return this.handshake.replay(send, { clock, timeoutMs: 1000, signal: abort.signal });
  }

  get lastKey(): string {
    const last = this.sent.findLast(({ kind }) => kind === 'request');
    return last?.kind === 'request' ? last.id.key : '';
  }

  get listeners(): number {
    return getEventListeners(this.abort.signal, 'abort').length;
  }
}

describe('Handshake', () => {
  it('has nothing to repeat before an initialize was answered', async () => {
    const bench = new Bench();
    expect(await bench.replay()).toBe(false);
    const initialize = message(requestLine('i', 'initialize'));
    if (initialize.kind === 'request') bench.handshake.noteRequest(initialize);
    expect(await bench.replay()).toBe(false);
    bench.handshake.noteReply('si', 'error');
    expect(await bench.replay()).toBe(false);
    expect(bench.sent).toEqual([]);
  });

  it('repeats, waits for the answer, and leaves neither timer nor listener', async () => {
    const bench = new Bench();
    bench.open();
    bench.initialized();
    const done = bench.replay();
    expect(bench.sent).toHaveLength(1);
    expect([bench.clock.waiting, bench.listeners]).toEqual([1, 1]);
    expect(bench.handshake.swallows('sclient', 'result')).toBe(false);
    expect(bench.handshake.swallows(bench.lastKey, 'result')).toBe(true);
    expect(await done).toBe(true);
    expect(bench.sent.map(({ bytes }) => bytes.toString())).toEqual([
      requestLine(bench.lastKey.slice(1), 'initialize').toString(),
      notificationLine('notifications/initialized').toString(),
    ]);
    expect([bench.clock.waiting, bench.listeners]).toEqual([0, 0]);
  });

  it.each([
    ['refused', 'handshake-refused', (bench: Bench) => bench.handshake.swallows(bench.lastKey, 'error')],
    [
      'answered with nothing',
      'handshake-refused',
      (bench: Bench) => bench.handshake.swallows(bench.lastKey, 'empty'),
    ],
    [
      'not answered',
      'gateway-unreachable',
      (bench: Bench) => {
        bench.clock.advance(1000);
      },
    ],
    [
      'cut off',
      'gateway-lost',
      (bench: Bench) => {
        bench.abort.abort();
      },
    ],
  ])('fails when it is %s, and leaves neither timer nor listener', async (_what, code, act) => {
    const bench = new Bench();
    bench.open();
    bench.initialized();
    const done = bench.replay();
    act(bench);
    await expect(done).rejects.toMatchObject({ code });
    expect(bench.sent).toHaveLength(1);
    expect([bench.clock.waiting, bench.listeners]).toEqual([0, 0]);
    // What comes now is late, and still for no client.
    expect(bench.handshake.swallows(bench.lastKey, 'result')).toBe(true);
  });

  it('fails at once when the repeated initialize does not fit', async () => {
    const bench = new Bench();
    bench.open();
    bench.outcome = 'too-large';
    await expect(bench.replay()).rejects.toMatchObject({ code: 'handshake-refused' });
    expect(bench.clock.waiting).toBe(0);
  });

  it('does not take the late answer of one repetition for the answer of the next', async () => {
    const bench = new Bench();
    bench.open();
    const first = bench.replay();
    const firstKey = bench.lastKey;
    bench.clock.advance(1000);
    await expect(first).rejects.toMatchObject({ code: 'gateway-unreachable' });
    let isDone = false;
    const second = bench.replay().then(() => {
      isDone = true;
    });
    bench.handshake.swallows(firstKey, 'result');
    await Promise.resolve();
    expect(isDone).toBe(false);
    bench.handshake.swallows(bench.lastKey, 'result');
    await second;
  });

  it('keeps its own copy of what it repeats', async () => {
    const bench = new Bench();
    const line = requestLine('i', 'initialize', '{"a":1}');
    bench.open(line);
    line.fill(0x20);
    void bench.replay();
    expect(bench.sent[0]?.bytes.toString()).toContain('"params":{"a":1}');
    bench.handshake.swallows(bench.lastKey, 'result');
    await Promise.resolve();
  });
});
