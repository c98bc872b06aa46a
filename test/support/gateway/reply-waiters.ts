import { isJsonObject, parseJson } from './json';

interface Waiter {
  readonly resolve: (replyText: string) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that wait for their reply, found by JSON-RPC id; equal ids are served in order. */
export class ReplyWaiters {
  readonly #waiters = new Map<string, Waiter[]>();

  /** Registers a request; the promise settles with its reply or with `failAll`. */
  register(requestText: string): Promise<string> {
    const key = idKey(requestText);
    return new Promise((resolve, reject) => {
      this.#waiters.set(key, [...(this.#waiters.get(key) ?? []), { resolve, reject }]);
    });
  }

  /** True when somebody waited for this reply. */
  settle(replyText: string): boolean {
    const key = idKey(replyText);
    const [waiter, ...others] = this.#waiters.get(key) ?? [];
    if (waiter === undefined) return false;
    if (others.length === 0) this.#waiters.delete(key);
    else this.#waiters.set(key, others);
    waiter.resolve(replyText);
    return true;
  }

  failAll(error: Error): void {
    const waiting = [...this.#waiters.values()].flat();
    this.#waiters.clear();
    for (const waiter of waiting) waiter.reject(error);
  }
}

/** Ids are compared by value, because a server may write the same number differently. */
function idKey(text: string): string {
  const message = parseJson(text);
  return JSON.stringify(isJsonObject(message) ? (message['id'] ?? null) : null);
}
