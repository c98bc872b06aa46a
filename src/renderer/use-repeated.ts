import { useEffect } from 'react';

/** Calls `act` every `periodMs` while the window can be seen, and when it comes back to the front. */
export function useRepeated(act: () => Promise<void>, periodMs: number): void {
  useEffect(() => {
    const actIfSeen = (): void => {
      if (document.visibilityState === 'visible') void act();
    };
    const timer = setInterval(actIfSeen, periodMs);
    document.addEventListener('visibilitychange', actIfSeen);
    window.addEventListener('focus', actIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', actIfSeen);
      window.removeEventListener('focus', actIfSeen);
    };
  }, [act, periodMs]);
}
