import { detectionSettings } from './settings/detection';
import { loggingSettings } from './settings/logging';
import { integration, unit, type ProvenSetting } from './settings/proven';
import { httpDoorSettings } from './settings/http-door';

/** Each key of the schema, with its test. A new key gets a line here, or the build fails. */
export const provenSettings: Readonly<Record<string, ProvenSetting>> = {
  'gateway.url': integration('session', 'carries requests up and replies down'),
  'gateway.transport': integration('gateway-http', 'authenticates each request, over TLS'),
  'gateway.auth.type': integration(
    'client-certificates',
    'SEC-22 carry a session from end to end, without any token',
  ),
  'gateway.auth.token_env': integration('connect-credentials', 'come from %s'),
  'gateway.auth.token_file': integration('connect-credentials', 'come from %s'),
  'gateway.auth.token_secure_key': integration('connect-credentials', 'come from %s'),
  'gateway.auth.token_storage': integration(
    'token-in-memory',
    'SEC-27 holds the token that the window got until the program ends, and writes it nowhere',
  ),
  'gateway.auth.token_command': integration(
    'credential-commands',
    'SEC-25 gives the token, within token_command_timeout_ms, and is shown by its name alone',
  ),
  'gateway.auth.token_command_timeout_ms': integration(
    'credential-commands',
    'SEC-25 gives the token, within token_command_timeout_ms, and is shown by its name alone',
  ),
  'gateway.auth.client_cert': integration(
    'client-certificates',
    'SEC-22 carry a session from end to end, without any token',
  ),
  'gateway.auth.client_key': integration(
    'client-certificates',
    'SEC-22 carry a session from end to end, without any token',
  ),
  'gateway.auth.client_pkcs12': integration(
    'client-certificates',
    'SEC-22 in PKCS#12 take their passphrase from the %s',
  ),
  'gateway.auth.passphrase_secure_key': integration(
    'client-certificates',
    'SEC-22 in PKCS#12 take their passphrase from the %s',
  ),
  'gateway.auth.passphrase_env': integration(
    'client-certificates',
    'SEC-22 in PKCS#12 take their passphrase from the %s',
  ),
  'gateway.auth.passphrase_file': integration(
    'client-certificates',
    'SEC-22 in PKCS#12 take their passphrase from the %s',
  ),
  'gateway.auth.per_message_auth': integration(
    'connect-credentials',
    'leaves the token out of the envelope when per_message_auth is off',
  ),
  'gateway.auth.grant_type': integration('connect-oauth', 'takes the refresh token from %s'),
  'gateway.auth.client_id': integration('connect-oauth', 'client_auth: post puts the secret into the body'),
  'gateway.auth.client_secret_env': integration(
    'connect-oauth',
    'client credentials open the gateway, in the header and not in the envelope',
  ),
  'gateway.auth.client_secret_file': integration('connect-oauth', 'takes the client secret from %s'),
  'gateway.auth.client_secret_secure_key': integration('connect-oauth', 'takes the client secret from %s'),
  'gateway.auth.client_auth': integration('connect-oauth', 'client_auth: post puts the secret into the body'),
  'gateway.auth.token_endpoint': integration(
    'connect-oauth',
    'client credentials open the gateway, in the header and not in the envelope',
  ),
  'gateway.auth.token_timeout_ms': integration(
    'connect-oauth',
    'token_timeout_ms: so long an answer is waited for',
  ),
  'gateway.auth.scopes': integration(
    'connect-oauth',
    'client credentials open the gateway, in the header and not in the envelope',
  ),
  'gateway.auth.scope': integration(
    'connect-oauth',
    'scope, audience, resource and issuer are sent and shown as configured',
  ),
  'gateway.auth.audience': integration(
    'connect-oauth',
    'scope, audience, resource and issuer are sent and shown as configured',
  ),
  'gateway.auth.resource': integration(
    'connect-oauth',
    'scope, audience, resource and issuer are sent and shown as configured',
  ),
  'gateway.auth.issuer': integration(
    'connect-oauth',
    'scope, audience, resource and issuer are sent and shown as configured',
  ),
  'gateway.auth.username': integration('connect-oauth', 'takes the password of a person from %s'),
  'gateway.auth.password_env': integration('connect-oauth', 'takes the password of a person from %s'),
  'gateway.auth.password_file': integration('connect-oauth', 'takes the password of a person from %s'),
  'gateway.auth.password_secure_key': integration('connect-oauth', 'takes the password of a person from %s'),
  'gateway.auth.refresh_token_env': integration('connect-oauth', 'takes the refresh token from %s'),
  'gateway.auth.refresh_token_file': integration('connect-oauth', 'takes the refresh token from %s'),
  'gateway.auth.refresh_token_secure_key': integration('connect-oauth', 'takes the refresh token from %s'),
  'gateway.auth.tls.verify': integration('connect-oauth-tls', 'shows as degraded while verify is off'),
  'gateway.auth.tls.ca_cert_path': integration(
    'connect-oauth',
    'client credentials open the gateway, in the header and not in the envelope',
  ),
  'gateway.auth.tls.server_name': integration(
    'connect-oauth-tls',
    'looks for server_name in the certificate',
  ),
  'gateway.auth.tls.min_version': integration(
    'connect-oauth-tls',
    'SEC-41 demands TLS 1.3 unless gateway.auth.tls.min_version says 1.2',
  ),
  'gateway.connection.timeout_ms': integration(
    'wire',
    'that accepts the connection and says nothing at all is left after timeout_ms',
  ),
  'gateway.connection.keepalive_interval_ms': integration(
    'session-faults',
    'a gateway that answers no ping is left, and found again',
  ),
  'gateway.connection.pong_timeout_ms': integration(
    'session-faults',
    'a gateway that answers no ping is left, and found again',
  ),
  'gateway.connection.reconnect.initial_delay_ms': integration(
    'settings',
    'initial_delay_ms, multiplier and max_delay_ms: the waits grow from one to the other',
  ),
  'gateway.connection.reconnect.max_delay_ms': integration(
    'settings',
    'initial_delay_ms, multiplier and max_delay_ms: the waits grow from one to the other',
  ),
  'gateway.connection.reconnect.multiplier': integration(
    'settings',
    'initial_delay_ms, multiplier and max_delay_ms: the waits grow from one to the other',
  ),
  'gateway.connection.reconnect.max_attempts': integration(
    'settings',
    'max_attempts: after so many tries again it is given up',
  ),
  'gateway.connection.reconnect.jitter': integration('settings', 'jitter: this share of a wait is random'),
  'gateway.connection.max_http_connections': integration(
    'settings',
    'gateway.connection.max_http_connections: no further socket, and every request is answered',
  ),
  'gateway.connection.pool.max_connections': integration(
    'connection-pool',
    'let a gateway that works on one message per connection work on several at once',
  ),
  'gateway.connection.pool.idle_timeout_ms': integration(
    'connection-pool',
    'close when nothing needs them, and come back',
  ),
  'gateway.tls.verify': integration(
    'connect-tls',
    'SEC-03 connects with verification off, and is loudly degraded',
  ),
  'gateway.tls.ca_cert_path': integration(
    'connect-tls',
    'SEC-01 connects when the private authority is trusted, and shows what was proven',
  ),
  'gateway.tls.server_name': integration('connect-tls', 'takes server_name for SNI and for the check'),
  'gateway.tls.min_version': integration(
    'connect-tls',
    'SEC-02 refuses a server that stops at TLS 1.2, unless min_version says 1.2',
  ),
  'gateway.tls.cipher_suites': integration('tls-table', 'SEC-01 SEC-20 SEC-21 SEC-22 %s: %s'),
  'gateway.tls.pins': integration('tls-table', 'SEC-01 SEC-20 SEC-21 SEC-22 %s: %s'),
  'gateway.proxy.enabled': unit('engine/proxy-choice', '%o with %o'),
  'gateway.proxy.url': unit('engine/proxy-choice', '%o with %o'),
  'gateway.proxy.no_proxy': unit('engine/proxy-choice', '%o with %o'),
  'gateway.proxy.username': integration(
    'proxy-transports',
    'SEC-37 carries a session with TLS; each side gets its own credential alone',
  ),
  'gateway.proxy.password_env': integration(
    'proxy-transports',
    'SEC-37 carries a session with TLS; each side gets its own credential alone',
  ),
  'gateway.proxy.password_file': unit('engine/proxy', 'comes from the first source that is named: %o'),
  'gateway.proxy.password_secure_key': unit('engine/proxy', 'comes from the first source that is named: %o'),
  'gateway.proxy.ca_cert_path': integration(
    'proxy-transports',
    'SEC-37 carries a session with TLS; each side gets its own credential alone',
  ),
  'gateway.allow_insecure': unit(
    'platform/config-text',
    'lets an unencrypted connection through when that is said, with a warning',
  ),
  'gateway.default_namespace': integration(
    'settings',
    'gateway.default_namespace: methods without a namespace of their own go there',
  ),
  'gateway.max_message_bytes': integration(
    'session',
    'refuses a message that only the envelope makes too large',
  ),
  'gateway.tcp.dialect': integration('tcp-session', 'dialect go-router: in the envelope, or nowhere'),
  'gateway.tcp.negotiate': integration('tcp-connect', 'off: nothing is offered'),
  'gateway.tcp.token_in': integration('tcp-session', 'SEC-31 none: nowhere, though there is one'),
  'gateway.tcp.notifications': integration(
    'tcp-session',
    'are kept back where gateway.tcp.notifications says so',
  ),
  'local.request_timeout_ms': integration(
    'session-limits',
    'fails what waited in vain when its deadline comes',
  ),
  'local.max_request_duration_ms': unit('engine/limits', '$key passes at its edge, and not one above'),
  'local.max_concurrent_requests': integration(
    'session-limits',
    'refuses above max_concurrent_requests, and not at it',
  ),
  'local.max_queued_requests': integration(
    'session-limits',
    'queues while the gateway is away, refuses above max_queued_requests, and drains in order',
  ),
  'local.max_server_requests': integration(
    'settings',
    'local.max_server_requests: the server is refused above it, and not at it',
  ),
  'local.max_sessions': integration('session-limits', 'refuses the client above max_sessions'),
  'local.blocked_clients': integration(
    'dismissed-clients',
    'a client that is blocked while it works is let go, and comes back when it is not',
  ),
  'local.max_line_bytes': integration('session', 'fails a line above local.max_line_bytes with its id'),
  'local.drain_timeout_ms': integration(
    'settings',
    'local.drain_timeout_ms: what is owed is waited for exactly so long',
  ),
  'local.rate_limit.enabled': integration(
    'settings',
    'local.rate_limit.enabled: false lets everything through',
  ),
  'local.rate_limit.requests_per_second': integration(
    'session-limits',
    'refuses above the rate with the time to wait, and counts it',
  ),
  'local.rate_limit.burst': integration(
    'session-limits',
    'refuses above the rate with the time to wait, and counts it',
  ),
  'local.policy.allow_methods': unit('engine/method-policy', '%j and %s'),
  'local.policy.deny_methods': unit('engine/method-policy', '%j and %s'),
  'local.policy.allow_tools': unit(
    'engine/method-policy',
    'are allowed as written, and denied however they are written',
  ),
  'local.policy.deny_tools': unit(
    'engine/method-policy',
    'are allowed as written, and denied however they are written',
  ),
  ...httpDoorSettings,
  'local.socket.enabled': integration(
    'settings',
    'local.socket.enabled: without it there is no door, and nothing is missing',
  ),
  'local.socket.path': integration('settings', 'local.socket.path: the door is there and nowhere else'),
  'advanced.debug.log_frames': integration(
    'settings',
    'advanced.debug.log_frames: it is shown cut and without secrets, with a loud warning',
  ),
  'advanced.debug.max_logged_frame_bytes': integration(
    'settings',
    'advanced.debug.max_logged_frame_bytes: no more of it than that',
  ),
  'metrics.enabled': integration('metrics-address', 'closes and opens it'),
  'metrics.endpoint': integration(
    'metrics-address',
    'changes labels, token and address at once, and counts on',
  ),
  'metrics.labels': integration(
    'metrics-address',
    'changes labels, token and address at once, and counts on',
  ),
  'metrics.token_env': integration('metrics-address', 'from %o must be shown'),
  'metrics.token_file': integration('metrics-address', 'from %o must be shown'),
  'metrics.token_secure_key': integration('metrics-address', 'from %o must be shown'),
  'advanced.compliance.audit_all': unit(
    'engine/audit-trail',
    'stops requests under audit_all, from the start on and until it works again',
  ),
  'security.contact': unit('model/posture', 'SEC-57 %s: %s, and says what was found'),
  'security.rotation_overlap_minutes': integration('token-rotation', 'keeps no old one with an overlap of 0'),
  'security.rotation_days': unit(
    'engine/credential-age',
    'is told once a day from security.rotation_days on, and shown',
  ),
  ...loggingSettings,
  ...detectionSettings,
  'advanced.watch_files': unit(
    'platform/watched-files',
    'is the place of the configuration alone while there is none, and nothing when it is switched off',
  ),
  'advanced.watch_poll_ms': integration(
    'settings',
    'advanced.watch_poll_ms: so often a file is looked for in a folder that is not there yet',
  ),
  'advanced.circuit_breaker.enabled': unit('engine/breaker', 'never opens when it is switched off'),
  'advanced.circuit_breaker.failure_threshold': unit('engine/breaker', 'SEC-64 %j and %j make %j'),
  'advanced.circuit_breaker.success_threshold': unit(
    'engine/breaker',
    'opens at a threshold of one, and closes at one',
  ),
  'advanced.circuit_breaker.recovery_timeout_ms': unit('engine/breaker', 'SEC-64 %j and %j make %j'),
  'advanced.compliance.fips_mode': integration('tls-table', 'SEC-01 SEC-20 SEC-21 SEC-22 %s: %s'),
};
