/** What a gateway does wrong on demand (gateway-protocol 13.3, item 8). */
export type Fault = UpgradeFault | MessageFault | PingFault;

export type UpgradeFault =
  /** Any status at the upgrade, before everything else. */
  | {
      readonly kind: 'refuse-upgrade';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The socket stays open and nothing is ever answered. */
  | { readonly kind: 'ignore-upgrade' };

export type MessageFault =
  /** The backend works; the reply waits for the promise. */
  | { readonly kind: 'hold-reply'; readonly until: Promise<unknown> }
  | { readonly kind: 'delay-reply'; readonly delayMs: number }
  /** The backend works; the reply is lost. */
  | { readonly kind: 'drop-reply' }
  | { readonly kind: 'duplicate-reply' }
  /** A reply with an id that nobody asked for, then the true reply. */
  | { readonly kind: 'unknown-id'; readonly idText?: string }
  /** An error with a null id, then the true reply. */
  | { readonly kind: 'null-id-error'; readonly message?: string }
  /** The true reply, made `bytes` long by padding its result. */
  | { readonly kind: 'oversized-frame'; readonly bytes: number }
  /** The true reply as a binary frame. */
  | { readonly kind: 'binary-frame' }
  /** The true reply without an envelope. */
  | { readonly kind: 'bare-reply' }
  /** This text in place of the reply. */
  | { readonly kind: 'broken-envelope'; readonly text?: string }
  /** 1006 drops the socket without a close frame. The backend gets the message only with `after-backend`. */
  | {
      readonly kind: 'close';
      readonly code: number;
      readonly reason?: string;
      readonly moment?: 'before-backend' | 'after-backend';
    }
  /** The error of the real gateway for a backend that answers with this status, such as 202. */
  | { readonly kind: 'backend-status'; readonly status: number; readonly body?: string }
  /** The error of the real gateway for a backend that needs more than 3 s. */
  | { readonly kind: 'backend-timeout' }
  | { readonly kind: 'breaker-open' }
  | { readonly kind: 'no-healthy-endpoints' };

export type PingFault =
  | { readonly kind: 'no-pong' }
  /** The pong waits for the promise. */
  | { readonly kind: 'slow-pong'; readonly until: Promise<unknown> };

/** Limits a fault to messages of one method. Without a method only requests are meant, never notifications. */
export interface FaultScope {
  readonly method?: string;
}

interface Order {
  readonly fault: Fault;
  readonly scope: FaultScope;
  usesLeft: number;
}

/** The faults that a gateway shall show. Orders for a number of occasions come first, oldest first. */
export class Faults {
  #orders: Order[] = [];

  /** The next `uses` occasions. */
  next(fault: Fault, { uses = 1, ...scope }: FaultScope & { readonly uses?: number } = {}): void {
    const firstLasting = this.#orders.findIndex((order) => order.usesLeft === Infinity);
    const place = firstLasting < 0 ? this.#orders.length : firstLasting;
    this.#orders.splice(place, 0, { fault, scope, usesLeft: uses });
  }

  /** Every occasion until `clear`. */
  always(fault: Fault, scope: FaultScope = {}): void {
    this.#orders.push({ fault, scope, usesLeft: Infinity });
  }

  clear(): void {
    this.#orders = [];
  }

  /** How many orders still wait for an occasion; those of `always` count as well. */
  get pending(): number {
    return this.#orders.length;
  }

  takeForUpgrade(): UpgradeFault | null {
    return this.#take(isUpgradeFault, () => true);
  }

  takeForMessage(kind: 'request' | 'notification', method: string): MessageFault | null {
    return this.#take(isMessageFault, (scope) =>
      scope.method === undefined ? kind === 'request' : scope.method === method,
    );
  }

  takeForPing(): PingFault | null {
    return this.#take(isPingFault, () => true);
  }

  #take<Kind extends Fault>(
    isOfKind: (fault: Fault) => fault is Kind,
    isMeant: (scope: FaultScope) => boolean,
  ): Kind | null {
    for (const order of this.#orders) {
      const { fault } = order;
      if (!isOfKind(fault) || !isMeant(order.scope)) continue;
      order.usesLeft -= 1;
      if (order.usesLeft === 0) this.#orders = this.#orders.filter((other) => other !== order);
      return fault;
    }
    return null;
  }
}

const isUpgradeFault = (fault: Fault): fault is UpgradeFault =>
  fault.kind === 'refuse-upgrade' || fault.kind === 'ignore-upgrade';

const isPingFault = (fault: Fault): fault is PingFault =>
  fault.kind === 'no-pong' || fault.kind === 'slow-pong';

const isMessageFault = (fault: Fault): fault is MessageFault => !isUpgradeFault(fault) && !isPingFault(fault);
