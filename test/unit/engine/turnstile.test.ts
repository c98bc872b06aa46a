import { describe, expect, it } from 'vitest';

import { Turnstile } from '../../../src/main/engine/auth/turnstile';
import { deferred } from '../../support/deferred';
import { settled } from '../../support/router-bench';

describe('a turnstile', () => {
  it('lets so many in at a time and no more, in their order, also after one has failed', async () => {
    const turnstile = new Turnstile(2);
    const gates = [1, 2, 3, 4].map(() => deferred());
    const entered: number[] = [];
    const passes = gates.map((gate, at) =>
      turnstile.pass(async () => {
        entered.push(at);
        await gate.promise;
        if (at === 0) throw new Error('failed');
        return at;
      }),
    );
    const outcome = Promise.allSettled(passes);
    await settled();
    expect(entered).toEqual([0, 1]);
    gates[0]?.resolve();
    await settled();
    expect(entered).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    expect((await outcome).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(entered).toEqual([0, 1, 2, 3]);
    expect(await turnstile.pass(() => Promise.resolve('again'))).toBe('again');
  });
});
