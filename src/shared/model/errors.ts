import { attachErrors } from './attach-errors';
import { AUDITED, meaning, OUR_LIMIT, RETRYABLE, type ErrorMeaning } from './error-meaning';
import { lockdownErrors } from './lockdown';
import { proxyErrors } from './proxy-errors';
import { appErrors, toolErrors } from './single-errors';

/** The one table of errors. Callers and tests match the code, never the text. */
export const errorTable = {
  'parse-failed': meaning([-32700, 400], 'The message is not valid JSON.'),
  'invalid-request': meaning([-32600, 400], 'The message is not a JSON-RPC 2.0 message.'),
  internal: meaning(
    [-32603, 500],
    'MCP Router failed while handling the request.',
    'Look in the log for details.',
  ),

  'line-too-large': meaning(
    [-32000, 413],
    'The line is larger than local.max_line_bytes.',
    'Send less at once, or raise local.max_line_bytes.',
    OUR_LIMIT,
  ),
  'message-too-large': meaning(
    [-32000, 413],
    'The message is larger than gateway.max_message_bytes.',
    'Send less at once, or raise gateway.max_message_bytes if the gateway allows it.',
    OUR_LIMIT,
  ),
  'rate-limited': meaning(
    [-32000, 429],
    'The rate limit of MCP Router was exceeded.',
    'Wait and send again, or raise local.rate_limit.',
    { ...RETRYABLE, ...AUDITED, ...OUR_LIMIT },
  ),
  'concurrency-limited': meaning(
    [-32000, 429],
    'Too many requests are in flight.',
    'Wait for replies, or raise local.max_concurrent_requests.',
    { ...RETRYABLE, ...AUDITED, ...OUR_LIMIT },
  ),
  'queue-full': meaning(
    [-32000, 503],
    'The request would have to wait, and the request queue is full.',
    'Send again when the gateway is back, or raise local.max_queued_requests.',
    { ...RETRYABLE, ...OUR_LIMIT },
  ),
  'session-limit': meaning(
    [-32000, 503],
    'Too many clients are attached.',
    'Close one, or raise local.max_sessions.',
    { ...RETRYABLE, ...AUDITED, ...OUR_LIMIT },
  ),
  'policy-denied': meaning(
    [-32000, 403],
    'The policy of MCP Router does not allow this request. It was not sent.',
    'Ask whoever set local.policy, or change it.',
    { ...AUDITED, ...OUR_LIMIT },
  ),

  'audit-unavailable': meaning(
    [-32000, 503],
    'The audit log cannot be written, and advanced.compliance.audit_all demands it. The request was not sent.',
    'Check the path and the space behind logging.audit.output; it goes on by itself when it can be written.',
    { ...RETRYABLE, ...OUR_LIMIT },
  ),

  'request-timeout': meaning(
    [-32000, 504],
    'The gateway did not reply in time. The request may still have been carried out.',
    'Raise local.request_timeout_ms for slow tools.',
    OUR_LIMIT,
  ),
  'gateway-lost': meaning(
    [-32000, 502],
    'The connection to the gateway broke before the reply came. The request may have been carried out.',
    'Check the result before sending it again.',
  ),
  'gateway-unreachable': meaning(
    [-32000, 503],
    'The gateway cannot be reached. The request was not sent.',
    'Check gateway.url and the network.',
    RETRYABLE,
  ),
  'gateway-refused': meaning(
    [-32000, 502],
    'The gateway refused the connection.',
    'Check that gateway.url names the right host and path.',
  ),
  'gateway-misbehaved': meaning([-32000, 502], 'The gateway sent something that is not a reply.'),
  'gateway-busy': meaning(
    [-32000, 503],
    'The gateway asked to wait. The request was not processed.',
    'Send it again later.',
    { ...RETRYABLE, limitedBy: 'gateway' },
  ),
  'gateway-error': meaning([-32000, 502], 'The gateway answered the request with an error of HTTP.'),
  'session-ended': meaning([-32000, 502], 'The other side has ended the MCP session.', '', RETRYABLE),
  ...proxyErrors,
  'handshake-refused': meaning(
    [-32000, 502],
    'The gateway refused to resume the MCP session after a reconnect.',
    '',
    RETRYABLE,
  ),
  'not-connected': meaning(
    [-32000, 503],
    'MCP Router is switched off. The request was not sent.',
    'Choose Connect in the tray or in the window.',
    RETRYABLE,
  ),
  'shutting-down': meaning([-32000, 503], 'MCP Router is stopping. The request was not sent.', '', RETRYABLE),

  ...attachErrors,
  ...lockdownErrors,
  ...toolErrors,
  ...appErrors,

  'auth-failed': meaning(
    [-32000, 502],
    'Auth failed: the gateway refused the credential.',
    'Enter a new token; the old one may have expired.',
    AUDITED,
  ),
  'credential-command-failed': meaning(
    [-32000, 502],
    'The command that gives the token (gateway.auth.token_command) failed.',
    'Run it by hand to see why.',
    AUDITED,
  ),
  'credential-missing': meaning(
    [-32000, 502],
    'No token was found.',
    'Enter one in the window, run "mcp-router token set", or set token_env or token_file.',
    AUDITED,
  ),
  'credential-malformed': meaning(
    [-32000, 502],
    'The token holds characters that a token cannot have.',
    'Store it again without line breaks or spaces.',
    AUDITED,
  ),
  'credential-file-refused': meaning(
    [-32000, 502],
    'The file that holds the token is not safe to use.',
    '',
    AUDITED,
  ),
  'credential-file-unreadable': meaning(
    [-32000, 502],
    'The file that holds the token cannot be read.',
    '',
    AUDITED,
  ),
  'keychain-locked': meaning(
    [-32000, 502],
    'The keychain is locked, or the token was removed from it.',
    'Unlock the keychain and connect again.',
    AUDITED,
  ),
  'keychain-unavailable': meaning(
    [-32000, 502],
    'No keychain is available on this machine.',
    'Start a keychain service, or use token_env or token_file.',
    AUDITED,
  ),
  'oauth-refused': meaning(
    [-32000, 502],
    'Auth failed: the identity provider refused to give a token.',
    'Check client_id, the client secret, scopes and token_endpoint below gateway.auth.',
    AUDITED,
  ),
  'oauth-unreachable': meaning(
    [-32000, 503],
    'The identity provider cannot be reached. The request was not sent.',
    'Check gateway.auth.token_endpoint and the network.',
    RETRYABLE,
  ),
  'oauth-untrusted': meaning(
    [-32000, 502],
    'The encrypted connection to the identity provider is not trusted.',
    'Set gateway.auth.tls to what the identity provider uses; gateway.tls does not apply to it.',
    AUDITED,
  ),
  'oauth-misbehaved': meaning(
    [-32000, 502],
    'The identity provider sent something that is not a token response.',
    'Check gateway.auth.token_endpoint.',
    { retryable: true, audited: true },
  ),
  'sign-in-needed': meaning(
    [-32000, 502],
    'Auth failed: the identity provider wants a person to sign in again.',
    'Run "mcp-router sign-in", or store a new refresh token where gateway.auth says it is.',
    AUDITED,
  ),
  'token-lock-unavailable': meaning(
    [-32000, 503],
    'Another process refreshes the token, or the lock that keeps the two apart cannot be used.',
    'Try again; where there is no folder to lock in, set gateway.auth.token_storage to memory.',
    RETRYABLE,
  ),

  'certificate-rejected': meaning(
    [-32000, 502],
    "The gateway's certificate is not trusted.",
    'Set gateway.tls.ca_cert_path to the certificate authority that signed it.',
    AUDITED,
  ),
  'trust-file-unreadable': meaning(
    [-32000, 502],
    'The file named by gateway.tls.ca_cert_path cannot be used.',
    'Point it at a readable PEM file.',
    AUDITED,
  ),
  'tls-version-rejected': meaning(
    [-32000, 502],
    'The gateway does not speak a TLS version that is allowed.',
    'Update the gateway, or lower gateway.tls.min_version to "1.2".',
    AUDITED,
  ),
  'cipher-rejected': meaning(
    [-32000, 502],
    'The gateway chose a TLS suite that is not allowed.',
    'Let the gateway prefer a suite of gateway.tls.cipher_suites, or add the suite to that list.',
    AUDITED,
  ),
  'pin-mismatch': meaning(
    [-32000, 502],
    'The gateway does not hold a key that is pinned.',
    'If the gateway got a new key and you know it is right, put its pin into gateway.tls.pins.',
    AUDITED,
  ),
  'client-certificate-unusable': meaning(
    [-32000, 502],
    'The client certificate or its key cannot be used.',
    'Check client_cert and client_key, or client_pkcs12 and its passphrase, in gateway.auth.',
    AUDITED,
  ),
  'client-certificate-expired': meaning(
    [-32000, 502],
    'The client certificate is outside its time of validity.',
    'Put a new one where gateway.auth names it.',
    AUDITED,
  ),
  'client-certificate-refused': meaning(
    [-32000, 502],
    'The gateway refused the client certificate.',
    'Check with the operator of the gateway which certificates it accepts.',
    AUDITED,
  ),
  'client-certificate-missing': meaning(
    [-32000, 502],
    'The gateway asks for a client certificate.',
    'Name one with client_cert and client_key, or client_pkcs12, in gateway.auth.',
    AUDITED,
  ),
  'fips-unavailable': meaning(
    [-32000, 502],
    'advanced.compliance.fips_mode is on, but the cryptography of this program is not in FIPS mode.',
    'Run the mcp-router command with a Node that is (node --force-fips), or switch fips_mode off.',
    AUDITED,
  ),
  'tls-failed': meaning(
    [-32000, 502],
    'The TLS handshake with the gateway failed.',
    'Check gateway.url.',
    AUDITED,
  ),

  'config-invalid': meaning(
    [-32000, 500],
    'The configuration is not valid.',
    'Run "mcp-router config check".',
  ),
  'config-unreadable': meaning([-32000, 500], 'The configuration file cannot be used.'),
  'socket-unavailable': meaning([-32000, 503], 'The local socket cannot be opened.'),
  'http-unavailable': meaning([-32000, 503], 'The local HTTP address cannot be opened.'),
  'ipc-sender-rejected': meaning(
    [-32000, 403],
    'A page that is not ours called the application.',
    '',
    AUDITED,
  ),
  'ipc-payload-rejected': meaning(
    [-32000, 400],
    'The window sent something that the application does not accept.',
  ),
} as const satisfies Record<string, ErrorMeaning>;

/** The stable name of an expected error. */
export type ErrorCode = keyof typeof errorTable;

/** True for a code of this table. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorTable, value);

/** An expected failure. Anything else that is thrown is a bug. */
export class RouterError extends Error {
  override readonly name = 'RouterError';

  /**
   * @param code the entry of {@link errorTable}
   * @param detail what exactly went wrong here; shown to people, so never a secret or a payload
   */
  constructor(
    readonly code: ErrorCode,
    readonly detail = '',
    options?: ErrorOptions,
  ) {
    super(errorSentence(code, detail), options);
  }

  /** The meaning of the code for every audience. */
  get meaning(): ErrorMeaning {
    return errorTable[this.code];
  }
}

/** The text for a person: what happened, and where known what exactly. */
export function errorSentence(code: ErrorCode, detail = ''): string {
  const { text } = errorTable[code];
  return detail === '' ? text : `${text} (${detail})`;
}

/** Makes the compiler prove that a switch over a union is complete. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
