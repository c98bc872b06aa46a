import { describe, expect, it } from 'vitest';

import { placeOf } from '../../../src/main/engine/listeners/http/event-stream';
import { statelessStatus } from '../../../src/main/engine/listeners/http/post-route';
import { ReplayLog } from '../../../src/main/engine/listeners/http/replay-log';
import { eraOf } from '../../../src/main/engine/listeners/http/server-era';

describe('what is kept of streams', () => {
  const filled = (maxEvents: number, maxBytes: number): { log: ReplayLog; lost: number[] } => {
    const lost: number[] = [];
    const log = new ReplayLog(
      () => ({ maxEvents, maxBytes }),
      (bytes) => lost.push(bytes),
    );
    for (let sequence = 1; sequence <= 4; sequence += 1) {
      log.add({ stream: sequence % 2, sequence, message: Buffer.alloc(10) }, sequence === 1);
    }
    return { log, lost };
  };
  const sequences = (log: ReplayLog, stream: number, after = 0): readonly number[] =>
    log.takeAfter(stream, after).map(({ sequence }) => sequence);

  it('is of each stream alone, in order', () => {
    const { log, lost } = filled(10, 1000);
    expect(sequences(log, 0)).toEqual([2, 4]);
    expect(sequences(log, 1, 1)).toEqual([3]);
    expect(lost).toEqual([]);
  });

  it('is bounded by number and by bytes; what nobody has seen is told as lost', () => {
    for (const [events, bytes] of [
      [2, 1000],
      [10, 20],
    ] as const) {
      const { log, lost } = filled(events, bytes);
      expect([sequences(log, 1), sequences(log, 0)]).toEqual([[3], [4]]);
      expect(lost).toEqual([10]);
    }
    expect(filled(0, 1000).lost).toEqual([10, 10, 10]);
  });

  it('is taken for seen once', () => {
    const { log } = filled(10, 1000);
    expect(log.takeUnwritten(1).map(({ sequence }) => sequence)).toEqual([3]);
    expect(log.takeUnwritten(1)).toEqual([]);
  });

  it.each([
    ['3-17', { stream: 3, sequence: 17 }],
    ['', null],
    ['3', null],
    ['-1-2', null],
    ['3-17-1', null],
    ['1e3-1', null],
    ['99999999999-1', null],
  ])('%j names %j', (id, place) => {
    expect(placeOf(id)).toEqual(place);
  });
});

describe('what a server speaks', () => {
  const reply = (rest: object): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, ...rest }));

  it.each([
    [{ result: { supportedVersions: ['2026-07-28'] } }, 'stateless'],
    [{ error: { code: -32022, message: '', data: { supported: [] } } }, 'stateless'],
    [{ result: {} }, 'session'],
    [{ error: { code: -32601, message: '' } }, 'session'],
    [{ error: { code: -32000, message: 'Server not initialized' } }, 'session'],
    [{ error: { code: -32000, message: '', data: { code: 'gateway-error' } } }, 'session'],
    [{ error: { code: -32000, message: '', data: { code: 'gateway-unreachable' } } }, 'unknown'],
    [{ error: { code: -32000, message: '', data: { code: 'rate-limited' } } }, 'unknown'],
    [{ error: { code: -32000, message: '', data: { code: 'of-another-server' } } }, 'session'],
  ])('%j: %s', (rest, era) => {
    expect(eraOf(reply(rest))).toBe(era);
  });

  it.each([
    [undefined, undefined, 200],
    [undefined, 200, 200],
    [-32601, 404, 404],
    [-32601, undefined, 404],
    [-32022, undefined, 400],
    [-32602, undefined, 200],
    [-32602, 400, 400],
    [-32000, 200, 200],
    [-32000, 500, 200],
  ])('an error %s that came with %s goes on with %i', (code, status, expected) => {
    expect(statelessStatus(code, status)).toBe(expected);
  });
});
