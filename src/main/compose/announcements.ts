import type { EventChannel, OutputOf } from '../../shared/ipc/contract';

/** Tells the window something, if there is one. */
export type Announce = <C extends EventChannel>(channel: C, payload: OutputOf<C>) => void;

/** What pages tell the window by themselves, such as progress. */
export interface Announcements {
  readonly announce: Announce;
  /** Returns the way to stop. */
  readonly onAnnouncement: (listener: Announce) => () => void;
}

/** Forwards to whoever listens; keeps nothing. */
export function createAnnouncements(): Announcements {
  const listeners = new Set<Announce>();
  return {
    announce: (channel, payload) => {
      for (const listener of listeners) listener(channel, payload);
    },
    onAnnouncement: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
