/** How a call to the keychain ended. */
export type TurnResult<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'timed-out' };

/** One call at a time, each with a time limit. */
export interface KeychainTurn {
  run<Value>(limitMs: number, call: () => Promise<Value>): Promise<TurnResult<Value>>;
  /** True while a call has not come back, even one that was given up. */
  isBusy(): boolean;
}

/**
 * A locked keyring may show a window and wait for its password; the call then blocks a thread of Node's small pool until
 * somebody answers. With one call at a time the other threads stay free for files and name lookups.
 */
export function createKeychainTurn(): KeychainTurn {
  let previous: Promise<unknown> = Promise.resolve();
  let running = 0;
  const tracked = async <Value>(call: () => Promise<Value>): Promise<TurnResult<Value>> => {
    running += 1;
    const result = await settle(call);
    running -= 1;
    return result;
  };
  return {
    isBusy: () => running > 0,
    run: async (limitMs, call) => {
      let isGivenUp = false;
      const turn = previous.then(async () => (isGivenUp ? { kind: 'timed-out' as const } : tracked(call)));
      previous = turn;
      const limit = startLimit(limitMs, () => {
        isGivenUp = true;
      });
      try {
        return await Promise.race([turn, limit.reached]);
      } finally {
        clearTimeout(limit.timer);
      }
    },
  };
}

async function settle<Value>(call: () => Promise<Value>): Promise<TurnResult<Value>> {
  try {
    return { kind: 'value', value: await call() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

interface Limit {
  readonly timer: NodeJS.Timeout;
  readonly reached: Promise<{ readonly kind: 'timed-out' }>;
}

function startLimit(limitMs: number, onReached: () => void): Limit {
  const { promise, resolve } = deferred();
  const timer = setTimeout(() => {
    onReached();
    resolve({ kind: 'timed-out' });
  }, limitMs);
  return { timer, reached: promise };
}

interface Deferred {
  readonly promise: Promise<{ readonly kind: 'timed-out' }>;
  readonly resolve: (value: { readonly kind: 'timed-out' }) => void;
}

function deferred(): Deferred {
  let resolve: Deferred['resolve'] = () => {};
  const promise = new Promise<{ readonly kind: 'timed-out' }>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}
