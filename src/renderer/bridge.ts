import type {
  AppStatus,
  CallChannel,
  CommandResult,
  ConnectionSettings,
  EventChannel,
  InputArguments,
  OutputOf,
  RouterBridge,
  SaveConnection,
} from '../shared/ipc/contract';
import { errorTable } from '../shared/model/errors';
import type { ErrorCode } from '../shared/model/errors';
import type { RouterEvent } from '../shared/model/events';
import { keptEvents } from '../shared/model/kept-events';

declare global {
  interface Window {
    /** Built by the preload from the contract. This file alone reads it. */
    readonly router: RouterBridge;
  }
}

/** What the window knows. */
export type RouterSnapshot =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  | { readonly kind: 'ready'; readonly status: AppStatus; readonly events: readonly RouterEvent[] };

/** The window's copy of the truth, and the commands it may give. */
export interface RouterStore {
  /** Listens from the first subscriber to the last. */
  subscribe(listener: () => void): () => void;
  snapshot(): RouterSnapshot;
  /** Asks for everything again after a failure. */
  reload(): void;
  connect(): Promise<CommandResult>;
  disconnect(): Promise<CommandResult>;
  disconnectClient(session: string): Promise<CommandResult>;
  blockClient(name: string): Promise<CommandResult>;
  unblockClient(name: string): Promise<CommandResult>;
  connectionSettings(): Promise<ConnectionSettings>;
  saveConnection(input: SaveConnection): Promise<CommandResult>;
  lockDown(): Promise<CommandResult>;
  /** @param word what the person has typed */
  releaseLockdown(word: string): Promise<CommandResult>;
  /** Any query of the contract. Rejects with an error whose code is {@link codeOf}. */
  ask<C extends CallChannel>(channel: C, ...input: InputArguments<C>): Promise<OutputOf<C>>;
  /** Any command that answers with what came of it; always answers. */
  perform<C extends CommandChannel>(channel: C, ...input: InputArguments<C>): Promise<CommandResult>;
  /** Any event of the contract. Returns the way to stop. */
  listen<C extends EventChannel>(channel: C, listener: (payload: OutputOf<C>) => void): () => void;
}

/** The calls whose answer is what came of a command, and nothing else. */
export type CommandChannel = {
  [C in CallChannel]: OutputOf<C> extends CommandResult ? C : never;
}[CallChannel];

const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorTable, text);

/** The code of a failed call; the preload puts it into the message. */
export function codeOf(error: unknown): ErrorCode {
  const text = error instanceof Error ? error.message : '';
  return isErrorCode(text) ? text : 'internal';
}

/** Adds new events without repeating or reordering any; bounded. */
export function mergeEvents(
  known: readonly RouterEvent[],
  added: readonly RouterEvent[],
): readonly RouterEvent[] {
  const bySequence = new Map([...known, ...added].map((event) => [event.sequence, event]));
  return keptEvents([...bySequence.values()].sort((a, b) => a.sequence - b.sequence));
}

/** A call that always answers: what goes wrong on the way becomes a result as well. */
async function settle(call: Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await call;
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, code, message: errorTable[code].text };
  }
}

/** The calls that have no method of their own. */
function anyCall(bridge: RouterBridge): Pick<RouterStore, 'ask' | 'perform' | 'listen'> {
  const ask = <C extends CallChannel>(channel: C, ...input: InputArguments<C>): Promise<OutputOf<C>> => {
    const call = bridge[channel] as (...input: InputArguments<C>) => Promise<OutputOf<C>>; // the type of that member, which the compiler does not follow
    return call(...input);
  };
  return {
    ask,
    perform: (channel, ...input) => settle(ask(channel, ...input)),
    listen: <C extends EventChannel>(channel: C, listener: (payload: OutputOf<C>) => void) => {
      const listen = bridge[channel] as (listener: (payload: OutputOf<C>) => void) => () => void; // as above
      return listen(listener);
    },
  };
}

/** Keeps a copy of main's truth: one snapshot, then changes; whatever is older than known is ignored. */
export function createRouterStore(bridge: RouterBridge): RouterStore {
  let current: RouterSnapshot = { kind: 'loading' };
  const listeners = new Set<() => void>();
  let stopListening: readonly (() => void)[] = [];

  const become = (next: RouterSnapshot): void => {
    current = next;
    for (const listener of listeners) listener();
  };
  const accept = (status: AppStatus): void => {
    const isStale = current.kind === 'ready' && status.router.revision < current.status.router.revision;
    if (!isStale) become({ kind: 'ready', status, events: current.kind === 'ready' ? current.events : [] });
  };
  const add = (events: readonly RouterEvent[]): void => {
    if (current.kind === 'ready') become({ ...current, events: mergeEvents(current.events, events) });
  };
  const load = async (): Promise<void> => {
    try {
      accept(await bridge['status.get']());
      add(await bridge['events.recent']());
    } catch (error) {
      become({ kind: 'failed', code: codeOf(error) });
    }
  };
  const begin = (): void => {
    // Listen first, then ask: what changes in between arrives either way.
    stopListening = [bridge['status.changed'](accept), bridge['events.added'](add)];
    void load();
  };
  const end = (): void => {
    for (const stop of stopListening) stop();
    stopListening = [];
  };

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) begin();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) end();
      };
    },
    snapshot: () => current,
    reload: () => {
      become({ kind: 'loading' });
      void load();
    },
    connect: () => settle(bridge['gateway.connect']()),
    disconnect: () => settle(bridge['gateway.disconnect']()),
    disconnectClient: (session) => settle(bridge['clients.disconnect']({ session })),
    blockClient: (name) => settle(bridge['clients.block']({ name })),
    unblockClient: (name) => settle(bridge['clients.unblock']({ name })),
    connectionSettings: () => bridge['connection.get'](),
    saveConnection: (input) => settle(bridge['connection.save'](input)),
    lockDown: () => settle(bridge['lockdown.enter']()),
    releaseLockdown: (word) => settle(bridge['lockdown.release']({ word })),
    ...anyCall(bridge),
  };
}
