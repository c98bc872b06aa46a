import type { EventChannel, OutputOf } from '../../shared/ipc/contract';
import type { DesktopRouter } from '../desktop-router';

/** Sends an event of the contract to our window; does nothing while there is none. */
export type Push = <C extends EventChannel>(channel: C, payload: OutputOf<C>) => void;

/** Forwards what the router tells to the window. Returns the way to stop. */
export function pushEvents(router: DesktopRouter, push: Push): () => void {
  const stops = [
    router.onStatus((status) => push('status.changed', status)),
    router.onEvents((events) => push('events.added', events)),
    router.onAnnouncement(push),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
