import { describe, expect, it } from 'vitest';

import { EventBus } from '../../../src/main/engine/observe/event-bus';
import type { Logger } from '../../../src/main/engine/ports';
import type { RouterEvent } from '../../../src/shared/model/events';
import { ManualClock } from '../../support/manual-clock';

function bench(): { readonly bus: EventBus; readonly clock: ManualClock; readonly errors: unknown[] } {
  const errors: unknown[] = [];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => errors.push([message, fields]),
  };
  const clock = new ManualClock(1000);
  return { bus: new EventBus(clock, logger), clock, errors };
}

describe('EventBus', () => {
  it('tells every listener in order, with sequence and time', () => {
    const { bus, clock } = bench();
    const heard: string[] = [];
    const events: RouterEvent[] = [];
    bus.subscribe((event) => {
      heard.push(`a${String(event.sequence)}`);
      events.push(event);
    });
    bus.subscribe((event) => heard.push(`b${String(event.sequence)}`));
    bus.publish({ kind: 'engine-started' });
    clock.advance(5);
    bus.publish({ kind: 'engine-stopped' });
    expect(heard).toEqual(['a1', 'b1', 'a2', 'b2']);
    expect(events).toEqual([
      { kind: 'engine-started', sequence: 1, at: 1000 },
      { kind: 'engine-stopped', sequence: 2, at: 1005 },
    ]);
  });

  it('goes on when a listener throws, and logs neither its words nor the event', () => {
    const { bus, errors } = bench();
    const heard: number[] = [];
    bus.subscribe(() => {
      throw new TypeError('Bearer secret');
    });
    bus.subscribe((event) => heard.push(event.sequence));
    bus.publish({ kind: 'credential-stored', name: 'gateway' });
    expect(heard).toEqual([1]);
    expect(errors).toEqual([
      ['an event listener failed', { event: 'credential-stored', error: 'TypeError' }],
    ]);
  });

  it('ends a subscription once and for all, also while it publishes', () => {
    const { bus } = bench();
    const heard: string[] = [];
    const endFirst = bus.subscribe(() => {
      heard.push('first');
      endFirst();
      endFirst();
    });
    bus.subscribe(() => heard.push('second'));
    bus.publish({ kind: 'engine-started' });
    bus.publish({ kind: 'engine-stopped' });
    expect(heard).toEqual(['first', 'second', 'second']);
  });
});
