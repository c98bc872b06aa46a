import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { followPower } from '../../../src/main/power';
import { createFakeDesktopRouter, sampleSituations } from '../../support/fake-desktop-router';

function setUp(situation: keyof typeof sampleSituations) {
  const router = createFakeDesktopRouter(sampleSituations[situation]);
  const power = new EventEmitter();
  followPower(power as unknown as Parameters<typeof followPower>[0], router, () => undefined); // its events are all that is used
  return { router, power };
}

describe('followPower', () => {
  it('tells the router that the machine woke', () => {
    const { router, power } = setUp('connected');
    power.emit('resume');
    expect(router.calls).toEqual(['wake']);
  });

  it('tries again when the keychain was unlocked with the screen, and only then', () => {
    const locked = setUp('keychain locked');
    locked.power.emit('unlock-screen');
    expect(locked.router.calls).toEqual(['connect']);
    for (const situation of ['connected', 'disconnected', 'token refused'] as const) {
      const { router, power } = setUp(situation);
      power.emit('unlock-screen');
      expect(router.calls).toEqual([]);
    }
  });
});
