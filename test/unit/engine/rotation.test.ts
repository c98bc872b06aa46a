import { describe, expect, it } from 'vitest';

import {
  isAtWork,
  rotationStep,
  type RotationEvent,
  type RotationState,
} from '../../../src/main/engine/auth/rotation';

const cause = { code: 'auth-failed', detail: '' } as const;
const states: readonly RotationState[] = [
  { name: 'idle' },
  { name: 'proving' },
  { name: 'not-proven', isRefused: true, cause },
  { name: 'swapping' },
  { name: 'not-stored', cause },
  { name: 'rotated', until: 'then' },
  { name: 'rolling-back' },
  { name: 'rolled-back' },
  { name: 'not-rolled-back', cause },
];
const events: readonly RotationEvent[] = [
  { kind: 'begun' },
  { kind: 'accepted' },
  { kind: 'refused', cause },
  { kind: 'unreachable', cause },
  { kind: 'stored', until: null },
  { kind: 'roll-back-asked' },
  { kind: 'restored' },
  { kind: 'failed', cause },
];

/** Every transition that is one; all others change nothing and do nothing. */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  begun: {
    idle: 'proving, prove',
    'not-proven': 'proving, prove',
    'not-stored': 'proving, prove',
    rotated: 'proving, prove',
    'rolled-back': 'proving, prove',
    'not-rolled-back': 'proving, prove',
  },
  accepted: { proving: 'swapping, swap' },
  refused: { proving: 'not-proven' },
  unreachable: { proving: 'not-proven' },
  stored: { swapping: 'rotated' },
  'roll-back-asked': {
    idle: 'rolling-back, restore',
    'not-proven': 'rolling-back, restore',
    'not-stored': 'rolling-back, restore',
    rotated: 'rolling-back, restore',
    'rolled-back': 'rolling-back, restore',
    'not-rolled-back': 'rolling-back, restore',
  },
  restored: { 'rolling-back': 'rolled-back' },
  failed: { swapping: 'not-stored', 'rolling-back': 'not-rolled-back' },
};

describe('the table of a rotation', () => {
  it.each(events.flatMap((event) => states.map((state) => [event.kind, state.name, event, state] as const)))(
    '%s in %s',
    (kind, name, event, state) => {
      const step = rotationStep(state, event);
      const expected = table[kind]?.[name];
      if (expected === undefined) expect(step).toEqual({ state, effect: null });
      else expect(`${step.state.name}${step.effect === null ? '' : `, ${step.effect}`}`).toBe(expected);
    },
  );

  it('SEC-74 swaps nothing that was not accepted', () => {
    for (const event of events) {
      for (const state of states) {
        if (rotationStep(state, event).effect !== 'swap') continue;
        expect([state.name, event.kind]).toEqual(['proving', 'accepted']);
      }
    }
  });

  it('is at work exactly where an effect is under way', () => {
    expect(states.filter(isAtWork).map(({ name }) => name)).toEqual(['proving', 'swapping', 'rolling-back']);
  });
});
