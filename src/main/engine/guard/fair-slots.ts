/** What a client has at the gateway, and what waits for a slot there. */
export interface ClientLoad {
  /** Requests that the gateway works on. */
  readonly inFlight: number;
  /** Messages that could be sent if there were a slot; zero while the connection is not ready. */
  readonly waiting: number;
}

/** `go`: there is a slot. `wait`: the next slots are this client's. `refuse`: it has its share already. */
export type SlotDecision = 'go' | 'wait' | 'refuse';

/**
 * Divides the requests in flight fairly. A client alone may have all slots. Of the others each keeps one slot for its
 * first request, as long as there are plenty, and who has less than an equal part gets what becomes free before
 * those who have more.
 */
export function decideSlot(limit: number, mine: ClientLoad, others: readonly ClientLoad[]): SlotDecision {
  const clients = others.length + 1;
  const idle = others.filter(({ inFlight }) => inFlight === 0);
  const kept = limit >= 2 * clients ? idle.length : 0;
  const quiet = idle.filter(({ waiting }) => waiting === 0).length;
  const share = Math.max(1, Math.floor((limit - Math.min(kept, quiet)) / (clients - quiet)));
  const inFlight = others.reduce((sum, other) => sum + other.inFlight, mine.inFlight);
  const isBelowShare = mine.inFlight < share;
  const isTurnOfOthers = others.some((other) => other.waiting > 0 && other.inFlight < share);
  if (inFlight < limit - kept && (isBelowShare || !isTurnOfOthers)) return 'go';
  return isBelowShare ? 'wait' : 'refuse';
}
