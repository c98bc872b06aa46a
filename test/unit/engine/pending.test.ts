import { describe, expect, it } from 'vitest';

import { scanMessage, type RequestMessage } from '../../../src/main/engine/jsonrpc/scan';
import { PendingRequests, type Deadline } from '../../../src/main/engine/router/pending';
import type { TimeLimits } from '../../../src/main/engine/router/time-limits';
import { ManualClock } from '../../support/manual-clock';
import { requestLine } from '../../support/router-bench';

const lane = { inFlight: 0 };

function request(id: number): RequestMessage {
  const scanned = scanMessage(requestLine(id));
  if (scanned.kind !== 'message' || scanned.message.kind !== 'request') throw new Error('not a request');
  return scanned.message;
}

const within = (timeoutMs: number, longestMs = 10_000): TimeLimits => ({ timeoutMs, longestMs });

function bench(): {
  readonly pending: PendingRequests;
  readonly clock: ManualClock;
  readonly expired: string[];
  readonly deadlines: Deadline[];
  released: number;
} {
  const clock = new ManualClock();
  const expired: string[] = [];
  const deadlines: Deadline[] = [];
  const handlers = {
    onExpired: ({ key }: { readonly key: string }, deadline: Deadline) => {
      expired.push(key);
      deadlines.push(deadline);
    },
    onReleased: () => {
      result.released += 1;
    },
  };
  const result = { pending: new PendingRequests(clock, handlers), clock, expired, deadlines, released: 0 };
  return result;
}

describe('PendingRequests', () => {
  it('gives each request away once, and its timer with it', () => {
    const { pending, clock, expired } = bench();
    pending.add(request(1), null, within(100));
    expect(pending.take('n1')?.idText.toString()).toBe('1');
    expect(pending.take('n1')).toBeUndefined();
    expect(clock.waiting).toBe(0);
    clock.advance(1000);
    expect(expired).toEqual([]);
  });

  it('counts what was sent, and tells when it is less', () => {
    const all = bench();
    const { pending } = all;
    for (const id of [1, 2, 3]) pending.add(request(id), null, within(100));
    for (const key of ['n1', 'n2', 'n2', 'n9']) pending.markSent(key, lane);
    expect([pending.size, pending.sentCount]).toEqual([3, 2]);
    pending.take('n3');
    expect(all.released).toBe(0);
    pending.take('n2');
    expect([pending.size, pending.sentCount, all.released]).toEqual([1, 1, 1]);
    const first = pending.get('n1');
    if (first !== undefined) pending.markQueued(first);
    expect([pending.size, pending.sentCount, all.released]).toEqual([1, 0, 2]);
  });

  it('lets a reply take only what was sent', () => {
    const { pending } = bench();
    pending.add(request(1), null, within(100));
    expect(pending.takeSent('n1', lane)).toBeUndefined();
    pending.markSent('n1', lane);
    expect(pending.takeSent('n1', lane)?.key).toBe('n1');
  });

  it('a reply is one only on the connection that the request was sent on', () => {
    const { pending } = bench();
    const other = { inFlight: 0 };
    pending.add(request(1), null, within(100));
    pending.add(request(2), null, within(100));
    pending.markSent('n1', lane);
    pending.markSent('n2', other);
    expect(pending.takeSent('n1', other)).toBeUndefined();
    expect([pending.laneOf('n1'), pending.laneOf('n2'), other.inFlight]).toEqual([lane, other, 1]);
    pending.giveUp('n2');
    expect([pending.laneOf('n2'), other.inFlight]).toEqual([other, 0]);
    pending.takeSent('n2', lane);
    expect(pending.isTaken('n2')).toBe(true);
    pending.forgetLate(lane);
    expect(pending.isTaken('n2')).toBe(true);
    pending.forgetLate(other);
    expect(pending.isTaken('n2')).toBe(false);
  });

  it('takes all that match, oldest first', () => {
    const { pending } = bench();
    for (const id of [3, 1, 2]) pending.add(request(id), null, within(100));
    pending.markSent('n1', lane);
    expect(pending.takeAll(({ phase }) => phase === 'queued').map(({ key }) => key)).toEqual(['n3', 'n2']);
    expect(pending.size).toBe(1);
  });

  it('expires at the deadline, later with progress, and leaves no timer', () => {
    const { pending, clock, expired } = bench();
    pending.add(request(1), 'st', within(100));
    pending.add(request(2), null, within(100));
    clock.advance(60);
    pending.extend('st', 100);
    pending.extend('unknown', 100);
    clock.advance(60);
    expect(expired).toEqual(['n2']);
    clock.advance(60);
    expect(expired).toEqual(['n2', 'n1']);
    expect([pending.size, clock.waiting]).toEqual([0, 0]);
  });

  it('remembers the ids of what was given up after it was sent, as many as it says', () => {
    const { pending } = bench();
    for (let id = 1; id <= 1001; id += 1) {
      pending.add(request(id), null, within(100));
      pending.markSent(`n${String(id)}`, lane);
      pending.giveUp(`n${String(id)}`);
    }
    expect(pending.isTaken('n1')).toBe(false);
    expect(pending.isTaken('n2')).toBe(true);
    pending.takeSent('n2', lane);
    expect(pending.isTaken('n2')).toBe(false);
    pending.forgetLate(lane);
    expect(pending.isTaken('n1001')).toBe(false);
    pending.add(request(1), null, within(100));
    pending.giveUp('n1');
    expect(pending.isTaken('n1')).toBe(false);
  });

  it('SEC-70 ends a request after the longest time, however much progress is reported', () => {
    const { pending, clock, expired, deadlines } = bench();
    pending.add(request(1), 'n1', within(100, 250));
    pending.add(request(2), null, within(1000, 250));
    for (const afterMs of [90, 90, 69]) {
      clock.advance(afterMs);
      pending.extend('n1', 100);
    }
    expect(expired).toEqual([]);
    clock.advance(1);
    expect([expired, deadlines]).toEqual([['n1'], ['local.max_request_duration_ms']]);
    pending.extend('n1', 100);
    clock.advance(750);
    expect([expired, deadlines.at(-1)]).toEqual([['n1', 'n2'], 'local.request_timeout_ms']);
    expect(clock.waiting).toBe(0);
  });

  it('keeps no more of a message than its id', () => {
    const { pending } = bench();
    const message = request(7);
    const added = pending.add(message, null, within(100));
    message.bytes.fill(0x20);
    expect(added.idText.toString()).toBe('7');
  });
});
