import { RouterError } from '../../../shared/model/errors';

/** Error codes of RFC 6749 section 5.2 and its relatives; any other text of the peer is not repeated. */
const REFUSALS: Readonly<Record<string, string>> = {
  invalid_request: 'invalid_request: it does not accept the form of the request',
  invalid_client: 'invalid_client: it does not know this client, or the client secret is wrong',
  invalid_grant: 'invalid_grant: it does not accept what was presented for a token',
  unauthorized_client: 'unauthorized_client: this client may not use this grant type',
  unsupported_grant_type: 'unsupported_grant_type: it does not offer this grant type',
  invalid_scope: 'invalid_scope: it does not give these scopes to this client',
  invalid_target: 'invalid_target: it does not know this resource or audience',
  access_denied: 'access_denied: it denied the request',
};
const WANTS_A_PERSON: ReadonlySet<string> = new Set([
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
]);
const PASSING: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** What a token endpoint said instead of giving a token. */
export interface TokenRefusal {
  readonly status: number;
  /** The member `error` of its answer; null when there is none. */
  readonly error: string | null;
  readonly grant: 'client_credentials' | 'password' | 'refresh_token' | 'authorization_code';
}

/** The identity provider does not take this client: what it presented as its secret is wrong, or it is unknown. */
export class ClientRefusedError extends RouterError {}

/** Judges an answer that is not a success. Nothing of its text is repeated but codes that are known here. */
export function refusal({ status, error, grant }: TokenRefusal): RouterError {
  const shown = `HTTP status ${String(status)}`;
  if (error !== null && PASSING.has(error)) return new RouterError('oauth-unreachable', error);
  if (status >= 500 || PASSING_STATUSES.has(status)) return new RouterError('oauth-unreachable', shown);
  if (error !== null && WANTS_A_PERSON.has(error)) return new RouterError('sign-in-needed', error);
  if (error === 'invalid_grant' && grant === 'refresh_token') {
    return new RouterError('sign-in-needed', 'the refresh token has expired, was used before or was revoked');
  }
  const known = error === null ? undefined : Object.entries(REFUSALS).find(([code]) => code === error)?.[1];
  // RFC 6749 section 5.2 has 401 for the client alone; some name another error beside it, or a user's password so.
  if (error === 'invalid_client' || (status === 401 && error !== 'invalid_grant')) {
    return new ClientRefusedError('oauth-refused', known ?? REFUSALS['invalid_client']);
  }
  if (known !== undefined) return new RouterError('oauth-refused', known);
  if (status >= 300 && status < 400) return new RouterError('oauth-refused', `${shown}: it redirects`);
  return new RouterError('oauth-refused', shown);
}

/** OpenSSL's names for a certificate that does not hold, as Node gives them in `code`. */
const CERTIFICATE_CODE =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH/;
const TLS_CODE = /^ERR_(SSL|TLS)|^EPROTO$/;

/** Names why there was no whole answer. The error itself goes no further: it may quote what was sent. */
export function exchangeFailure(error: unknown): RouterError {
  const causes = causesOf(error);
  const known = causes.find((cause) => cause instanceof RouterError);
  if (known !== undefined) return ofProvider(known);
  const code = causes.map(systemCode).find((found) => found !== '') ?? '';
  if (CERTIFICATE_CODE.test(code) && !code.startsWith('UND_')) {
    return new RouterError('oauth-untrusted', `its certificate is not trusted: ${code}`);
  }
  if (TLS_CODE.test(code)) return new RouterError('oauth-untrusted', `TLS handshake: ${code}`);
  const isLate = causes.some((cause) => cause instanceof Error && cause.name === 'TimeoutError');
  if (isLate || TIMEOUT_CODES.has(code)) return new RouterError('oauth-unreachable', 'no answer in time');
  return new RouterError('oauth-unreachable', code === '' ? 'the connection failed' : code);
}

/** The words of opening a connection are about the gateway; here it is the identity provider. */
function ofProvider(error: RouterError): RouterError {
  const { code, detail } = error;
  switch (code) {
    case 'gateway-misbehaved':
      return new RouterError('oauth-misbehaved', 'its answer is too large');
    case 'gateway-unreachable':
    case 'gateway-lost':
      return new RouterError('oauth-unreachable', detail);
    case 'tls-version-rejected':
    case 'cipher-rejected':
    case 'pin-mismatch':
      return new RouterError('oauth-untrusted', detail);
    default:
      return error; // a problem of our own files and settings, or the identity provider's by name already
  }
}

const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'ABORT_ERR']);
const MAX_CAUSES = 5;

/** An error, what caused it, and so on; the first one where several addresses were tried. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = error;
  while (current instanceof Error && causes.length < MAX_CAUSES) {
    causes.push(current);
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return causes;
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
