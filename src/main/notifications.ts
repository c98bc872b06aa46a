import type { Notification } from 'electron';
import { alertTexts } from '../shared/model/alerts';
import type { RouterEvent } from '../shared/model/events';

/** What a person is told wherever they are. */
export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** Security alerts alone interrupt people; everything else waits in the window. */
export function noticeOf(event: RouterEvent): Notice | null {
  if (event.kind !== 'alert-raised') return null;
  const { text, action } = alertTexts[event.rule];
  return { title: `MCP Router: ${text}`, body: action };
}

/** Some desktops never say that one is gone. */
const MAX_HELD = 20;

/** Shows notices in the desktop's own way. One that cannot be shown is in the window and the log as well. */
export function notifyOfEvents(
  source: { onEvents(listener: (events: readonly RouterEvent[]) => void): () => void },
  parts: {
    readonly Notification: typeof Notification;
    readonly showWindow: () => void;
  },
): () => void {
  /** Held until they are gone: what is collected cannot be clicked. */
  const shown = new Set<Notification>();
  return source.onEvents((events) => {
    if (!parts.Notification.isSupported()) return;
    for (const event of events) {
      const notice = noticeOf(event);
      if (notice === null) continue;
      const notification = new parts.Notification(notice);
      shown.add(notification);
      for (const old of [...shown].slice(0, -MAX_HELD)) shown.delete(old);
      const forget = (): void => void shown.delete(notification);
      notification.on('click', () => {
        forget();
        parts.showWindow();
      });
      notification.on('close', forget);
      notification.on('failed', forget);
      notification.show();
    }
  });
}
