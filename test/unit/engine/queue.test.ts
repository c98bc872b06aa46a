import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { MessageQueue } from '../../../src/main/engine/router/queue';
import { notificationLine, requestLine } from '../../support/router-bench';

const MIB = 1024 * 1024;

function message(line: Buffer): Message {
  const scanned = scanMessage(line);
  if (scanned.kind !== 'message') throw new Error('not a message');
  return scanned.message;
}
const request = (id: number, bytes = 0): Message => message(requestLine(id, 'm', `"${'x'.repeat(bytes)}"`));
const idOf = (next: Message | undefined): number =>
  next?.kind === 'request' ? Number(next.id.key.slice(1)) : -1;

describe('MessageQueue', () => {
  it('gives back in order what it took', () => {
    const queue = new MessageQueue();
    for (const id of [1, 2, 3]) expect(queue.add(request(id), 3)).toBe(true);
    expect(queue.add(request(4), 3)).toBe(false);
    expect([queue.length, idOf(queue.first)]).toEqual([3, 1]);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()].map(idOf)).toEqual([1, 2, 3, -1]);
  });

  it('takes nothing with a limit of 0', () => {
    expect(new MessageQueue().add(request(1), 0)).toBe(false);
  });

  it('is bounded in bytes, and one message may always wait', () => {
    const queue = new MessageQueue();
    expect(queue.add(request(1, 20 * MIB), 100)).toBe(true);
    expect(queue.add(request(2), 100)).toBe(false);
    queue.shift();
    for (let id = 1; id <= 15; id += 1) expect(queue.add(request(id, MIB), 100)).toBe(true);
    expect(queue.add(request(16, MIB), 100)).toBe(false);
    queue.removeRequest('n3');
    expect(queue.add(request(16, MIB), 100)).toBe(true);
    queue.clear();
    expect(queue.add(request(1, 15 * MIB), 100)).toBe(true);
  });

  it('counts no byte twice and forgets none, whatever happens to it', () => {
    const action = fc.constantFrom('add', 'shift', 'remove', 'put back', 'clear');
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const queue = new MessageQueue();
        let next = 0;
        for (const what of actions) {
          if (what === 'add') queue.add(request((next += 1), MIB), 100);
          else if (what === 'shift') queue.shift();
          else if (what === 'remove') queue.removeRequest(`n${String(idOf(queue.first))}`);
          else if (what === 'clear') queue.clear();
          else {
            const first = queue.shift();
            if (first !== undefined) queue.putBack(first, () => true);
          }
        }
        queue.clear();
        let added = 0;
        while (queue.add(request(added, MIB), 100)) added += 1;
        expect(added).toBe(15);
      }),
      { numRuns: 20 },
    );
  });

  it('puts back before what came later', () => {
    const queue = new MessageQueue();
    for (const id of [2, 4]) queue.add(request(id), 10);
    queue.add(message(notificationLine('n')), 10);
    const putBack = (id: number): void => {
      queue.putBack(request(id), (other) => other.kind !== 'request' || idOf(other) > id);
    };
    for (const id of [3, 5, 1]) putBack(id);
    const order = Array.from({ length: queue.length }, () => idOf(queue.shift()));
    expect(order).toEqual([1, 2, 3, 4, 5, -1]);
  });

  it('removes the request that is named, and nothing else', () => {
    const queue = new MessageQueue();
    for (const id of [1, 2]) queue.add(request(id), 10);
    queue.removeRequest('s1');
    queue.removeRequest('n1');
    expect([queue.length, idOf(queue.first)]).toEqual([1, 2]);
  });
});
