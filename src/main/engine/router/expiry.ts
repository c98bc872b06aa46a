import type { Refusal } from '../jsonrpc/message';

import type { Deadline, PendingLane, PendingRequest } from './pending';
import type { SessionContext } from './session-context';

type Connections = Pick<SessionContext, 'lanes' | 'ports'>;

/** When the next try to connect is due, where that is known. */
export function whenBack({ lanes, ports }: Connections): Pick<Refusal, 'retryAfterMs'> {
  const { state } = lanes;
  if (state.name !== 'waiting') return {};
  return { retryAfterMs: Math.max(0, state.retryAt - ports.clock.now()) };
}

/** Why a request got no reply before its deadline. */
export function expiryOf<Lane extends PendingLane>(
  { phase }: PendingRequest<Lane>,
  limit: Deadline,
  { context, isAskedToWait }: { readonly context: Connections; readonly isAskedToWait: boolean },
): Refusal {
  if (phase === 'sent') return { code: 'request-timeout', limit };
  const { state } = context.lanes;
  if (isAskedToWait) return { code: 'gateway-busy' };
  if (state.name === 'connected')
    return { code: 'concurrency-limited', limit: 'local.max_concurrent_requests' };
  if (state.name !== 'waiting') return { code: 'gateway-unreachable' };
  const { code, detail } = state.cause;
  return { code: code === 'gateway-busy' ? code : 'gateway-unreachable', detail, ...whenBack(context) };
}
