import type { RouterStatus } from './status';

/** What a person can do about the connection right now. */
export type SwitchAction = 'set-up' | 'connect' | 'try-again' | 'disconnect';

/** The choices that tray and window offer, the most likely one first. */
export function switchActions(status: {
  readonly isConfigured: boolean;
  readonly router: Pick<RouterStatus, 'shown' | 'isSwitchedOn' | 'keeper'>;
}): readonly SwitchAction[] {
  const { shown, isSwitchedOn, keeper } = status.router;
  if (!status.isConfigured) return ['set-up'];
  if (shown === 'locked') return [];
  if (!isSwitchedOn) return ['connect'];
  return keeper.name === 'waiting' || keeper.name === 'failed' ? ['try-again', 'disconnect'] : ['disconnect'];
}
