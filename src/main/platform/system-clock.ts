import type { Clock, Timer } from '../engine/ports';

/** The longest delay that Node's timers take; above it they would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. Its timers never keep the process alive. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after: (delayMs, callback) => startTimer(delayMs, callback),
  };
}

function startTimer(delayMs: number, callback: () => void): Timer {
  // A delay that is not a number must not fire at once: a retry loop would spin.
  let remainingMs = Number.isNaN(delayMs) ? MAX_TIMER_MS : Math.max(0, delayMs);
  let handle: NodeJS.Timeout | null = null;

  const arm = (): void => {
    const stepMs = Math.min(remainingMs, MAX_TIMER_MS);
    remainingMs -= stepMs;
    handle = setTimeout(() => {
      handle = null;
      if (remainingMs > 0) arm();
      else callback();
    }, stepMs);
    handle.unref();
  };

  arm();
  return {
    cancel: () => {
      if (handle !== null) clearTimeout(handle);
      handle = null;
    },
  };
}
