import type { MessageBus } from 'dbus-next';
import { Message, sessionBus } from 'dbus-next';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';

/** What a desktop shows in its corner. */
export interface ShownNotification {
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

/** A desktop's notifications, as far as an app can tell (Desktop Notifications Specification). */
export interface NotificationDaemon {
  readonly shown: readonly ShownNotification[];
  /** A person clicks it. */
  click(id: number): void;
  close(): void;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

class Daemon implements NotificationDaemon {
  readonly shown: ShownNotification[] = [];

  constructor(private readonly bus: MessageBus) {
    bus.addMethodHandler((message: Message) => this.answer(message));
  }

  click(id: number): void {
    this.bus.send(Message.newSignal(PATH, NAME, 'ActionInvoked', 'us', [id, 'default']));
  }

  close(): void {
    this.bus.disconnect();
  }

  private answer(message: Message): boolean {
    if (message.interface !== NAME) return false;
    const reply = (signature: string, body: unknown[]): true => {
      this.bus.send(Message.newMethodReturn(message, signature, body));
      return true;
    };
    switch (message.member) {
      case 'GetCapabilities':
        return reply('as', [['body', 'actions']]);
      case 'GetServerInformation':
        return reply('ssss', ['test', 'test', '1', '1.2']);
      case 'Notify':
        return reply('u', [this.show(message.body)]);
      case 'CloseNotification':
        return reply('', []);
      default:
        return false;
    }
  }

  private show(body: unknown): number {
    const [, , , title, text] = listOf(body);
    const id = this.shown.length + 1;
    this.shown.push({ id, title: String(title), body: String(text) });
    return id;
  }
}

/** Starts a desktop's notifications on a session bus. */
export async function startNotificationDaemon(busAddress: string): Promise<NotificationDaemon> {
  const bus = sessionBus({ busAddress });
  const daemon = new Daemon(bus);
  await bus.requestName(NAME, 0);
  return daemon;
}
