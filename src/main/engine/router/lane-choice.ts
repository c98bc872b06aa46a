import type { Message } from '../jsonrpc/scan';

/**
 * Where a message of the client goes when a session has several connections, each a session of its own at the server.
 * `first`: what opens or shapes a session belongs to the one that the client has opened itself. `any`: the least busy.
 * `request`: where the request is that it is about. `question`: where the server is that asked. `all`: to every one.
 */
export type Destination = 'first' | 'any' | 'request' | 'question' | 'all';

/** Requests that change the session itself, or name something that only this session has. */
const OF_THE_SESSION =
  /^(initialize|logging\/setLevel|resources\/(un)?subscribe|subscriptions\/listen|tasks\/.*)$/;

const NOTIFICATIONS: ReadonlyMap<string, Destination> = new Map([
  ['notifications/cancelled', 'request'],
  ['notifications/progress', 'question'],
  ['notifications/roots/list_changed', 'all'],
]);

/** By the method alone; the rest of the message is not looked at. */
export function destinationOf(message: Message): Destination {
  switch (message.kind) {
    case 'request':
      return OF_THE_SESSION.test(message.method) ? 'first' : 'any';
    case 'notification':
      return NOTIFICATIONS.get(message.method) ?? 'first';
    case 'response':
      return 'question';
  }
}

/** What decides between connections. */
export interface LaneLoad {
  readonly isReady: boolean;
  readonly inFlight: number;
}

/** The ready one with the fewest requests in flight, the earlier one of equals; undefined when none is ready. */
export function leastBusy<Lane extends LaneLoad>(lanes: Iterable<Lane>): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of lanes) {
    if (lane.isReady && (best === undefined || lane.inFlight < best.inFlight)) best = lane;
  }
  return best;
}
