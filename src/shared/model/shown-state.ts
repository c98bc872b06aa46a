import type { ShownState } from './status';

/** The word for each shown state; tray and window say the same. */
export const shownStateWords: Readonly<Record<ShownState, string>> = {
  disconnected: 'Disconnected',
  connecting: 'Connecting',
  connected: 'Connected',
  degraded: 'Needs attention',
  failed: 'Not connected',
  locked: 'Locked down',
};
