import type { Notification } from 'electron';
import type { RouterEvent } from '../shared/model/events';
import type { NotificationChoice } from '../shared/model/preferences';
import { nextNotice, noMemory, type Notice } from './notices';

/** Some desktops never say that one is gone. */
const MAX_HELD = 20;

/** What showing notices needs. */
export interface NotificationParts {
  readonly Notification: typeof Notification;
  readonly showPage: (page: Notice['page']) => void;
  readonly choice: () => NotificationChoice;
  readonly now: () => number;
}

/** Shows notices in the desktop's own way. One that cannot be shown is in the window and the log as well. */
export function notifyOfEvents(
  source: { onEvents(listener: (events: readonly RouterEvent[]) => void): () => void },
  parts: NotificationParts,
): () => void {
  /** Held until they are gone: what is collected cannot be clicked. */
  const held = new Set<Notification>();
  const show = ({ title, body, page }: Notice): void => {
    const notification = new parts.Notification({ title, body });
    held.add(notification);
    for (const old of [...held].slice(0, -MAX_HELD)) held.delete(old);
    const forget = (): void => void held.delete(notification);
    notification.on('click', () => {
      forget();
      parts.showPage(page);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    notification.show();
  };
  let memory = noMemory;
  return source.onEvents((events) => {
    if (!parts.Notification.isSupported()) return;
    for (const event of events) {
      const next = nextNotice(event, memory, { choice: parts.choice(), now: parts.now() });
      memory = next.memory;
      if (next.notice !== null) show(next.notice);
    }
  });
}
