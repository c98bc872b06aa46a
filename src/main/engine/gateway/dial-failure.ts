import { RouterError, type ErrorCode } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';
import { ProxyLegError } from '../auth/proxy-tunnel';
import { alertCause } from '../auth/tls-alert';

const CERTIFICATE_CODES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  CERT_UNTRUSTED: 'it is marked as untrusted',
  CERT_REJECTED: 'it is marked as rejected',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  CERT_CHAIN_TOO_LONG: 'its chain is too long',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not trusted here',
  INVALID_CA: 'its issuer is not a certificate authority',
  INVALID_PURPOSE: 'it is not meant for a server',
  PATH_LENGTH_EXCEEDED: 'its chain is too long',
  HOSTNAME_MISMATCH: 'it was issued for another host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it was issued for another host',
};

/** OpenSSL and BoringSSL name it in the code or, behind EPROTO, in the message only. */
const VERSION_REASON =
  /protocol[ _]version|unsupported[ _]protocol|version[ _]too[ _]low|no[ _]protocols[ _]available/i;

const UNREACHABLE_TEXT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network is down',
};

/** A dial that failed for a cause that is known in full. */
export class DialError extends RouterError {
  constructor(readonly failure: FailureCause) {
    super(failure.code, failure.detail);
  }
}

/** Puts an error of the dial into the words of the errors table. Nothing of the peer's text is repeated. */
export function dialFailure(error: unknown): FailureCause {
  if (error instanceof DialError) return error.failure;
  if (error instanceof RouterError) return { code: error.code, detail: error.detail };
  if (error instanceof ProxyLegError) return proxyFailure(dialFailure(error.cause));
  const code = systemCode(error);
  if (code === '' && isMistake(error)) return { code: 'internal', detail: '' };
  const certificate = CERTIFICATE_CODES[code];
  if (certificate !== undefined) return { code: 'certificate-rejected', detail: certificate };
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') {
    const alert = alertCause(code, messageOf(error));
    if (alert !== null) return alert;
    const isAboutVersion = VERSION_REASON.test(code) || VERSION_REASON.test(messageOf(error));
    return isAboutVersion
      ? { code: 'tls-version-rejected', detail: '' }
      : { code: 'tls-failed', detail: code };
  }
  const text = UNREACHABLE_TEXT[code];
  return { code: 'gateway-unreachable', detail: text ?? (code === '' ? messageOf(error) : code) };
}

/** The same on the way to the proxy, where the words about the gateway would mislead. */
function proxyFailure({ code, detail }: FailureCause): FailureCause {
  switch (code) {
    case 'gateway-unreachable':
      return { code: 'proxy-unreachable', detail };
    case 'certificate-rejected':
      return { code: 'proxy-tls-failed', detail: `its certificate is not trusted: ${detail}` };
    case 'tls-version-rejected':
      return { code: 'proxy-tls-failed', detail: 'it speaks neither TLS 1.2 nor 1.3' };
    case 'tls-failed':
    case 'cipher-rejected':
      return { code: 'proxy-tls-failed', detail };
    case 'client-certificate-missing':
    case 'client-certificate-refused':
      return { code: 'proxy-tls-failed', detail: 'it asks for a client certificate' };
    default:
      return { code, detail };
  }
}
/** True for an endpoint that is well and has no room: 429, and 503 when it says when to come back. */
export const isBusy = (status: number, hasRetryAfter: boolean): boolean =>
  status === 429 || (status === 503 && hasRetryAfter);

/** Judges the HTTP answer that came in place of the upgrade (gateway-protocol 1.2). */
export function upgradeRefusal(status: number, hasRetryAfter = false): FailureCause {
  const detail = `HTTP status ${String(status)}`;
  if (isBusy(status, hasRetryAfter)) return { code: 'gateway-busy', detail };
  const code: ErrorCode =
    status === 401 || status === 403
      ? 'auth-failed'
      : status >= 500 || status === 408
        ? 'gateway-unreachable'
        : 'gateway-refused';
  return { code, detail };
}

/** Errors that only a mistake in a program raises. */
const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error');

/** The code of a system error; the first one where several addresses were tried. */
function systemCode(error: unknown): string {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}
