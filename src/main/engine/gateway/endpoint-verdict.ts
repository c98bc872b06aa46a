import type { ErrorCode } from '../../../shared/model/errors';

/** The endpoint does not work. Being busy or slow, or ending a session, is not among it. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'gateway-unreachable',
  'gateway-lost',
  'gateway-misbehaved',
  'tls-failed',
]);

/** True for causes that the circuit breaker counts. */
export const countsAsFailure = (code: ErrorCode): boolean => FAILURES.has(code);

/** What is wrong on this machine: looking again reaches nobody, so that nobody can be bothered by it. */
const LOCAL = /^(credential|keychain|trust-file|fips|config)-|^client-certificate-(unusable|expired)$/;

/** True when the endpoint was not even asked. */
export const isLocalCause = (code: ErrorCode): boolean => LOCAL.test(code);
