import type { Message } from '../jsonrpc/scan';

/** Messages that wait for a connection, in the order in which the client sent them; bounded. */
export class MessageQueue {
  private messages: Message[] = [];

  get length(): number {
    return this.messages.length;
  }

  /** @returns false when `maxLength` messages wait already; nothing was added then */
  add(message: Message, maxLength: number): boolean {
    if (this.messages.length >= maxLength) return false;
    this.messages.push(message);
    return true;
  }

  /** Puts a message that was not processed before all others. It was counted when it came. */
  putBack(message: Message): void {
    this.messages.unshift(message);
  }

  /** Removes and returns the first message. */
  shift(): Message | undefined {
    return this.messages.shift();
  }

  /** The first message, which stays. */
  get first(): Message | undefined {
    return this.messages[0];
  }

  /** Takes out a request that is not to be sent any more. */
  removeRequest(key: string): void {
    this.messages = this.messages.filter((message) => message.kind !== 'request' || message.id.key !== key);
  }

  clear(): void {
    this.messages = [];
  }
}
