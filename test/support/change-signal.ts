/** Lets tests wait for a condition without polling: whoever changes something says so, waiters look again. */
export class ChangeSignal {
  readonly #listeners = new Set<() => void>();

  /** Something changed. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves as soon as the condition holds; rejects with its name after `limitMs`. */
  until(name: string, condition: () => boolean, limitMs = 10_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        finish();
        resolve();
      };
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`waited ${limitMs} ms in vain: ${name}`));
      }, limitMs);
      this.#listeners.add(look);
    });
  }
}
