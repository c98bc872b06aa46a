import type { Message } from '../jsonrpc/scan';

/** However many messages may wait, they hold no more than this; one alone may always wait. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/** Messages that wait for a connection, in the order in which the client sent them; bounded. */
export class MessageQueue {
  private messages: Message[] = [];
  private heldBytes = 0;

  get length(): number {
    return this.messages.length;
  }

  /** @returns false when `maxLength` messages wait already, or too many bytes; nothing was added then */
  add(message: Message, maxLength: number): boolean {
    const { length: bytes } = message.bytes;
    if (this.messages.length >= maxLength) return false;
    if (this.messages.length > 0 && this.heldBytes + bytes > MAX_QUEUED_BYTES) return false;
    this.messages.push(message);
    this.heldBytes += bytes;
    return true;
  }

  /** Puts a message that was not processed before all others. It was counted when it came. */
  putBack(message: Message): void {
    this.messages.unshift(message);
  }

  /** Removes and returns the first message. */
  shift(): Message | undefined {
    const first = this.messages.shift();
    this.heldBytes -= first?.bytes.length ?? 0;
    return first;
  }

  /** The first message, which stays. */
  get first(): Message | undefined {
    return this.messages[0];
  }

  /** Takes out a request that is not to be sent any more. */
  removeRequest(key: string): void {
    const index = this.messages.findIndex((message) => message.kind === 'request' && message.id.key === key);
    if (index === -1) return;
    const [removed] = this.messages.splice(index, 1);
    this.heldBytes -= removed?.bytes.length ?? 0;
  }

  clear(): void {
    this.messages = [];
    this.heldBytes = 0;
  }
}
