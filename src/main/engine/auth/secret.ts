import { inspect } from 'node:util';

const MASK = '[secret]';

/** A credential in memory: it neither prints nor serialises, and is revealed in one expression where it is used. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Never keep the result in a field, a log line, an event or an error. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
