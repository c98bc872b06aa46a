import type { FailureCause } from '../../../shared/model/status';

import { permits, type Breaker } from './breaker';

/** What is known about an endpoint, by all connections together. */
export interface EndpointFacts {
  readonly url: string;
  readonly priority: number;
  readonly weight: number;
  /** Why trying again is pointless; null when it is not. */
  readonly refusal: FailureCause | null;
  readonly breaker: Breaker;
}

/** What a connection goes by when it dials. */
export interface ChoiceCircumstances {
  /** What this connection has tried since it last waited. */
  readonly tried: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export type EndpointChoice =
  | { readonly kind: 'use'; readonly url: string }
  /** Everything that can be tried was tried just now. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'all-refused'; readonly cause: FailureCause };

/**
 * The endpoint for a new connection: among those of the lowest priority number one by weight, and the next ones when
 * those before were refused, were tried, or fail too often. An open breaker only sends connections elsewhere: where
 * there is nowhere else to go, the back-off of each connection alone decides, as with a single endpoint.
 *
 * @param endpoints at least one, in the order of their priority
 */
export function chooseEndpoint(
  endpoints: readonly EndpointFacts[],
  { tried, now, random }: ChoiceCircumstances,
): EndpointChoice {
  const usable = endpoints.filter(({ refusal }) => refusal === null);
  if (usable.length === 0) return allRefused(endpoints);
  const permitted = usable.filter(({ breaker }) => permits(breaker, now));
  const candidates = (permitted.length > 0 ? permitted : usable).filter(({ url }) => !tried.has(url));
  const [first] = candidates;
  if (first === undefined) return { kind: 'wait' };
  const equals = candidates.filter(({ priority }) => priority === first.priority);
  return { kind: 'use', url: byWeight(equals, random)?.url ?? first.url };
}

/** The cause of the endpoint that should have been used. */
function allRefused(endpoints: readonly EndpointFacts[]): EndpointChoice {
  const cause = endpoints.find(({ refusal }) => refusal !== null)?.refusal;
  if (cause === undefined || cause === null) throw new Error('there is no endpoint to choose from');
  return { kind: 'all-refused', cause };
}

function byWeight(endpoints: readonly EndpointFacts[], random: number): EndpointFacts | undefined {
  let rest = random * endpoints.reduce((sum, { weight }) => sum + weight, 0);
  return endpoints.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
}
