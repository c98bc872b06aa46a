import { assertNever } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';

/** How far the rotation of one credential has come. Times are ISO 8601. */
export type RotationState =
  | { readonly name: 'idle' }
  /** The new one is tried against the gateway; nothing has changed yet. */
  | { readonly name: 'proving' }
  /** It was refused, or the gateway could not be asked; nothing has changed. */
  | { readonly name: 'not-proven'; readonly isRefused: boolean; readonly cause: FailureCause }
  | { readonly name: 'swapping' }
  /** It could not be stored; the old one is in use. */
  | { readonly name: 'not-stored'; readonly cause: FailureCause }
  /** The new one is in use. `until` says how long the old one is kept; null: it is not. */
  | { readonly name: 'rotated'; readonly until: string | null }
  | { readonly name: 'rolling-back' }
  /** The old one is in use again. */
  | { readonly name: 'rolled-back' }
  /** There is no old one to go back to (any more), or it could not be put back. */
  | { readonly name: 'not-rolled-back'; readonly cause: FailureCause };

/** What can happen to a rotation. */
export type RotationEvent =
  | { readonly kind: 'begun' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' | 'unreachable'; readonly cause: FailureCause }
  | { readonly kind: 'stored'; readonly until: string | null }
  | { readonly kind: 'roll-back-asked' }
  | { readonly kind: 'restored' }
  | { readonly kind: 'failed'; readonly cause: FailureCause };

/** What `rotate.ts` has to do after a transition. */
export type RotationEffect = 'prove' | 'swap' | 'restore';

export interface RotationStep {
  readonly state: RotationState;
  readonly effect: RotationEffect | null;
}

const AT_WORK: ReadonlySet<RotationState['name']> = new Set(['proving', 'swapping', 'rolling-back']);

/** True while nothing else may begin. */
export const isAtWork = ({ name }: RotationState): boolean => AT_WORK.has(name);

/** The whole procedure as one pure table: prove, swap, keep the old one for a while, go back. */
export function rotationStep(state: RotationState, event: RotationEvent): RotationStep {
  const stay: RotationStep = { state, effect: null };
  const to = (next: RotationState, effect: RotationEffect | null = null): RotationStep => ({
    state: next,
    effect,
  });
  switch (event.kind) {
    case 'begun':
      return isAtWork(state) ? stay : to({ name: 'proving' }, 'prove');
    case 'accepted':
      return state.name === 'proving' ? to({ name: 'swapping' }, 'swap') : stay;
    case 'refused':
    case 'unreachable': {
      const isRefused = event.kind === 'refused';
      return state.name === 'proving' ? to({ name: 'not-proven', isRefused, cause: event.cause }) : stay;
    }
    case 'stored':
      return state.name === 'swapping' ? to({ name: 'rotated', until: event.until }) : stay;
    case 'roll-back-asked':
      return isAtWork(state) ? stay : to({ name: 'rolling-back' }, 'restore');
    case 'restored':
      return state.name === 'rolling-back' ? to({ name: 'rolled-back' }) : stay;
    case 'failed':
      if (state.name === 'swapping') return to({ name: 'not-stored', cause: event.cause });
      return state.name === 'rolling-back' ? to({ name: 'not-rolled-back', cause: event.cause }) : stay;
    default:
      return assertNever(event);
  }
}
