import type { RouterStatus } from './status';

/** What a person can do about the connection right now. */
export type SwitchAction = 'set-up' | 'connect' | 'try-again' | 'disconnect';

/** What the choices depend on. */
export interface SwitchFacts {
  readonly isConfigured: boolean;
  readonly configProblems: readonly { readonly severity: 'error' | 'warning' }[];
  readonly router: Pick<RouterStatus, 'shown' | 'isSwitchedOn' | 'keeper' | 'gatewayUrl'>;
}

/** Whether there is a gateway to connect to, or a file that must be corrected first, or nothing yet. */
export function setup({ isConfigured, configProblems, router }: SwitchFacts): 'done' | 'broken' | 'missing' {
  // A file that was broken while the router runs leaves the last good settings in use.
  if (isConfigured || router.gatewayUrl !== null) return 'done';
  return configProblems.some(({ severity }) => severity === 'error') ? 'broken' : 'missing';
}

/** The choices that tray and window offer, the most likely one first. */
export function switchActions(status: SwitchFacts): readonly SwitchAction[] {
  const { shown, isSwitchedOn, keeper } = status.router;
  const progress = setup(status);
  if (progress === 'missing') return ['set-up'];
  if (progress === 'broken') return ['try-again'];
  if (shown === 'locked') return [];
  if (!isSwitchedOn) return ['connect'];
  return keeper.name === 'waiting' || keeper.name === 'failed' ? ['try-again', 'disconnect'] : ['disconnect'];
}
