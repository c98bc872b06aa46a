import type { RouterConfig } from '../../../shared/model/config';
import { errorSentence } from '../../../shared/model/errors';
import type {
  ConnectionState,
  Degradation,
  FailureCause,
  SessionStatus,
  ShownState,
} from '../../../shared/model/status';

/** Everything that the one word of tray and window depends on. */
export interface ShownFacts {
  readonly isLockedDown: boolean;
  readonly isSwitchedOn: boolean;
  readonly hasKeeper: boolean;
  readonly keeper: ConnectionState;
  readonly sessions: readonly SessionStatus[];
  readonly degradations: readonly Degradation[];
}

/** The one word, and the reason where there is one. */
export interface Shown {
  readonly state: ShownState;
  readonly cause: FailureCause | null;
}

/** Reduces keeper and lanes to what is shown; never claims more than was proven (design section 4). */
export function shownState(facts: ShownFacts): Shown {
  if (facts.isLockedDown) return { state: 'locked', cause: null };
  if (!facts.isSwitchedOn) return { state: 'disconnected', cause: null };
  const leading = facts.hasKeeper ? facts.keeper : leadingLane(facts.sessions);
  switch (leading.name) {
    case 'failed':
      return { state: 'failed', cause: leading.cause };
    case 'waiting':
      return { state: 'connecting', cause: leading.cause };
    case 'connected':
      return { state: facts.degradations.length > 0 ? 'degraded' : 'connected', cause: null };
    case 'idle':
    case 'closing':
    case 'connecting':
      return { state: 'connecting', cause: null };
  }
}

/** Without a keeper the lanes speak: the worst of them. */
function leadingLane(sessions: readonly SessionStatus[]): ConnectionState {
  const order: readonly ConnectionState['name'][] = [
    'failed',
    'waiting',
    'connecting',
    'closing',
    'connected',
  ];
  for (const name of order) {
    const lane = sessions.find((session) => session.connection.name === name);
    if (lane !== undefined) return lane.connection;
  }
  return { name: 'idle' };
}

/** Requests that need a scope fail until a person agrees to it; all others go on. */
export function scopeDegradations(missing: string | null): readonly Degradation[] {
  if (missing === null) return [];
  const text = `A person must sign in again: the server wants the scope "${missing}" for some requests.`;
  return [{ code: 'scope-missing', text }];
}

/** What a changed file gives cannot be used; connections that are open go on. */
export const unusableDegradations = (cause: FailureCause | null): readonly Degradation[] =>
  cause === null ? [] : [{ code: 'credential-unusable', text: errorSentence(cause.code, cause.detail) }];

/** What runs but must be looked at. */
export function degradations(
  config: RouterConfig,
  facts: Pick<ShownFacts, 'hasKeeper' | 'sessions'>,
): readonly Degradation[] {
  const found: Degradation[] = [];
  const { endpoints } = config.gateway_pool;
  const isEncrypted = ({ url }: { url: string }): boolean => /^(wss|https|tcps|tcp\+tls):/i.test(url);
  if (endpoints.some((endpoint) => isEncrypted(endpoint) && !endpoint.tls.verify)) {
    found.push({
      code: 'verification-off',
      text: 'The gateway’s certificate is not verified (gateway.tls.verify).',
    });
  }
  if (endpoints.some(({ auth }) => auth.type === 'oauth2' && !auth.tls.verify)) {
    found.push({
      code: 'provider-verification-off',
      text: 'The identity provider’s certificate is not verified (gateway.auth.tls.verify).',
    });
  }
  if (endpoints.some((endpoint) => !isEncrypted(endpoint) && endpoint.allow_insecure)) {
    found.push({
      code: 'plain-connection',
      text: 'The connection is not encrypted (gateway.allow_insecure).',
    });
  }
  if (config.advanced.debug.log_frames) {
    found.push({
      code: 'frames-logged',
      text: 'Every message is written to the log (advanced.debug.log_frames). Switch it off when you are done.',
    });
  }
  const troubled = facts.sessions.filter(
    ({ connection }) => connection.name === 'failed' || connection.name === 'waiting',
  );
  if (facts.hasKeeper && troubled.length > 0) {
    const who = troubled.map((session) => session.clientName ?? session.id).join(', ');
    found.push({ code: 'lane-failing', text: `Not connected: ${who}.` });
  }
  return found;
}
