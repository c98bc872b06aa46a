import { integration, type ProvenSetting } from './proven';

/** The keys of `local.http`, with their tests. */
export const httpDoorSettings: Readonly<Record<string, ProvenSetting>> = {
  'local.http.enabled': integration(
    'http-door-command',
    'local.http.enabled: without it nothing listens, and with it at local.http.address',
  ),
  'local.http.address': integration(
    'http-door-command',
    'local.http.enabled: without it nothing listens, and with it at local.http.address',
  ),
  'local.http.allowed_origins': integration(
    'http-door',
    'SEC-93 a page of local.http.allowed_origins comes in with a token, and without one it does not',
  ),
  'local.http.keep_alive_ms': integration(
    'http-door-streams',
    'local.http.keep_alive_ms: an answer that takes longer becomes a stream that shows life',
  ),
  'local.http.session_idle_ms': integration(
    'http-door-streams',
    'local.http.session_idle_ms: end when nobody uses them, and not while a stream is open',
  ),
  'local.http.replay_events': integration(
    'http-door-streams',
    'local.http.replay_events: what came while nobody listened is kept, and the oldest goes first',
  ),
  'local.http.replay_bytes': integration(
    'http-door-streams',
    'local.http.replay_bytes: no more than that is kept',
  ),
};
