import { isErrorCode } from '../../../../shared/model/errors';

/** What the server behind us speaks. `unknown`: it could not be asked. */
export type ServerEra = 'stateless' | 'session' | 'unknown';

/** Errors that only a server of the 2026 era gives. */
const STATELESS_CODES: ReadonlySet<unknown> = new Set([-32020, -32021, -32022]);
/** Ours, and still the answer of a server: one of HTTP that says neither JSON nor events. */
const ANSWERED: ReadonlySet<unknown> = new Set(['gateway-error', 'gateway-misbehaved']);

/** Judges the reply to `server/discover`, which every server of the 2026 era must answer. */
export function eraOf(reply: Buffer): ServerEra {
  const message: unknown = JSON.parse(reply.toString());
  const error = field(message, 'error');
  if (error === undefined) {
    return Array.isArray(field(field(message, 'result'), 'supportedVersions')) ? 'stateless' : 'session';
  }
  if (STATELESS_CODES.has(field(error, 'code'))) return 'stateless';
  const ours = field(field(error, 'data'), 'code');
  return isErrorCode(ours) && !ANSWERED.has(ours) ? 'unknown' : 'session';
}

/** The code of an error reply; undefined for a result. */
export function errorCodeOf(reply: Buffer): number | undefined {
  const code = field(field(JSON.parse(reply.toString()), 'error'), 'code');
  return typeof code === 'number' ? code : undefined;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
