import { describe, expect, it } from 'vitest';

import { requestLine, RouterBench, settled } from '../../support/router-bench';

const listen = (id: number): Buffer =>
  requestLine(id, 'subscriptions/listen', '{"_meta":{"progressToken":"t"}}');
const DAY_MS = 86_400_000;

describe('a request that stays open for as long as the client wants', () => {
  it('has no deadline, and progress gives it none', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(listen(1));
    bench.clock.advance(DAY_MS);
    bench.wire.now.say({ method: 'notifications/progress', params: { progressToken: 't', progress: 1 } });
    bench.clock.advance(DAY_MS);
    bench.wire.now.say({ id: 1, result: {} });
    expect(door.outcomes.at(-1)).toEqual(['1', undefined]);
  });

  it('keeps nobody waiting who leaves, and is not sent after it was answered', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    session.takeLine(listen(1));
    bench.wire.now.lose();
    session.takeLine(listen(2));
    session.takeLine(requestLine(3, 'last'));
    const closing = bench.router.closeSession(session);
    await bench.reconnect();
    expect(bench.wire.now.methods).toEqual(['last']);
    bench.wire.now.say({ id: 3, result: {} });
    await settled();
    await closing;
    expect(door.outcomes).toEqual([
      ['1', 'gateway-lost'],
      ['2', 'shutting-down'],
      ['3', undefined],
    ]);
  });
});
