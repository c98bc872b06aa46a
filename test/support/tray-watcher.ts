import type { MessageBus } from 'dbus-next';
import { Message, MessageType, sessionBus, Variant } from 'dbus-next';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM_PATH = '/StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';

/** One picture of an icon, as a panel gets it. */
export interface IconPicture {
  readonly width: number;
  readonly height: number;
  /** ARGB32, most significant byte first. */
  readonly argb: Buffer;
}

/** One line of the tray's menu. */
export interface TrayMenuLine {
  readonly id: number;
  readonly label: string;
  readonly isEnabled: boolean;
}

/** A desktop's panel, as far as the app can tell: it sees the tray icon and clicks its menu, over D-Bus. */
export interface TrayWatcher {
  /** Waits for the next app to put its icon into the tray; everything else is about the newest one. */
  waitForItem(): Promise<void>;
  pictures(): Promise<readonly IconPicture[]>;
  tooltip(): Promise<string>;
  menu(): Promise<readonly TrayMenuLine[]>;
  /** Clicks the line with this text. Fails when there is none. */
  click(label: string): Promise<void>;
  close(): void;
}

const unwrap = (value: unknown): unknown => (value instanceof Variant ? value.value : value);
const listOf = (value: unknown): readonly unknown[] => {
  const inner: unknown = unwrap(value);
  if (!Array.isArray(inner)) throw new Error('the tray sent something that is not a list');
  return inner;
};
const textOf = (value: unknown): string => {
  const inner = unwrap(value);
  return typeof inner === 'string' ? inner : '';
};

/** `(ia{sv}av)`: a line, its properties, and the lines below it. */
function menuLines(node: unknown): readonly TrayMenuLine[] {
  const [id, properties, children] = listOf(node);
  const facts = unwrap(properties);
  if (typeof id !== 'number' || typeof facts !== 'object' || facts === null) {
    throw new Error('the tray sent something that is not a menu');
  }
  const values: Readonly<Record<string, unknown>> = { ...facts };
  const own = textOf(values['label']);
  const line = { id, label: own.replaceAll('_', ''), isEnabled: unwrap(values['enabled']) !== false };
  return [...(own === '' ? [] : [line]), ...listOf(children).flatMap(menuLines)];
}

function picture(entry: unknown): IconPicture {
  const [width, height, argb] = listOf(entry);
  if (typeof width !== 'number' || typeof height !== 'number' || !Buffer.isBuffer(argb)) {
    throw new Error('the tray sent something that is not a picture');
  }
  return { width, height, argb };
}

class Panel implements TrayWatcher {
  private readonly arrived: string[] = [];
  private readonly waiting: ((item: string) => void)[] = [];
  private item = '';

  constructor(private readonly bus: MessageBus) {
    bus.addMethodHandler((message: Message) => this.answer(message));
  }

  async waitForItem(): Promise<void> {
    this.item = this.arrived.shift() ?? (await new Promise<string>((resolve) => this.waiting.push(resolve)));
  }

  async pictures(): Promise<readonly IconPicture[]> {
    return listOf(await this.property('IconPixmap')).map(picture);
  }

  async tooltip(): Promise<string> {
    const [, , title, text] = listOf(await this.property('ToolTip'));
    return [textOf(title), textOf(text)].filter((part) => part !== '').join('\n');
  }

  async menu(): Promise<readonly TrayMenuLine[]> {
    const path = textOf(await this.property('Menu'));
    const [, root] = await this.call(path, MENU, 'GetLayout', 'iias', [0, -1, []]);
    return menuLines(root);
  }

  async click(label: string): Promise<void> {
    const lines = await this.menu();
    const line = lines.find((candidate) => candidate.label === label && candidate.isEnabled);
    if (line === undefined) {
      throw new Error(`no "${label}" in the menu: ${lines.map((each) => each.label).join(', ')}`);
    }
    const path = textOf(await this.property('Menu'));
    await this.call(path, MENU, 'Event', 'isvu', [line.id, 'clicked', new Variant('s', ''), 0]);
  }

  close(): void {
    this.bus.disconnect();
  }

  private welcome(item: string): void {
    const next = this.waiting.shift();
    if (next === undefined) this.arrived.push(item);
    else next(item);
  }

  private answer(message: Message): boolean {
    if (message.interface === WATCHER && message.member === 'RegisterStatusNotifierItem') {
      const named = textOf(listOf(message.body)[0]);
      this.bus.send(Message.newMethodReturn(message));
      this.welcome(named.startsWith('/') ? message.sender : named);
      return true;
    }
    if (message.interface === 'org.freedesktop.DBus.Properties' && message.member === 'Get') {
      const name = textOf(listOf(message.body)[1]);
      const value = name === 'ProtocolVersion' ? new Variant('i', 0) : new Variant('b', true);
      this.bus.send(Message.newMethodReturn(message, 'v', [value]));
      return true;
    }
    return false;
  }

  private async property(name: string): Promise<unknown> {
    const properties = 'org.freedesktop.DBus.Properties';
    const [value] = await this.call(ITEM_PATH, properties, 'Get', 'ss', ['org.kde.StatusNotifierItem', name]);
    return value;
  }

  // Plain messages: the proxy objects of the library need an introspection that Electron does not give.
  // eslint-disable-next-line max-params -- path, interface, member, signature and body are one D-Bus call
  private async call(
    path: string,
    face: string,
    member: string,
    signature: string,
    body: unknown[],
  ): Promise<readonly unknown[]> {
    const message = new Message({
      type: MessageType.METHOD_CALL,
      destination: this.item,
      path,
      interface: face,
      member,
      signature,
      body,
    });
    const reply = await this.bus.call(message);
    return listOf(reply?.body);
  }
}

/** Starts a panel on a session bus. Do it before the app starts: an app looks for a panel once. */
export async function startTrayWatcher(busAddress: string): Promise<TrayWatcher> {
  const bus = sessionBus({ busAddress });
  const panel = new Panel(bus);
  await bus.requestName(WATCHER, 0);
  return panel;
}
