import { gatewaySettingWords } from './setting-words-gateway';

/** The name of a setting, and one sentence about it. */
export type SettingWords = readonly [title: string, explanation: string];

/** Every key of the configuration; a test compares with the schema. */
export const settingWords: Readonly<Record<string, SettingWords>> = {
  ...gatewaySettingWords,
  'local.request_timeout_ms': [
    'Time for a request',
    'A request fails when nothing is heard of it for this long.',
  ],
  'local.max_request_duration_ms': [
    'Longest request',
    'A request fails after this time, however much progress is reported.',
  ],
  'local.max_concurrent_requests': [
    'Requests at once',
    'So many requests of all clients together may be under way at the gateway.',
  ],
  'local.max_queued_requests': [
    'Requests that wait',
    'So many requests of one client may wait for a connection or a free place.',
  ],
  'local.max_server_requests': [
    'Requests of the server',
    'So many requests of the server may wait for the answer of one client.',
  ],
  'local.max_sessions': ['Clients at once', 'So many clients may be attached at the same time.'],
  'local.max_line_bytes': ['Longest line', 'A message of a client that is longer than this is refused.'],
  'local.drain_timeout_ms': [
    'Time for ending',
    'When the router stops, it waits this long for replies that are still owed.',
  ],
  'local.rate_limit.enabled': ['Limit the rate', 'Refuses requests that come faster than the rate below.'],
  'local.rate_limit.requests_per_second': [
    'Requests per second',
    'The rate of all clients together; each active one can count on an equal part.',
  ],
  'local.rate_limit.burst': ['Burst', 'So many requests may come at once before the rate counts.'],
  'local.policy.allow_methods': [
    'Allowed methods',
    'Only these methods pass; an empty list allows all, and * stands for any characters.',
  ],
  'local.policy.deny_methods': ['Denied methods', 'These methods are refused, whatever is allowed.'],
  'local.policy.allow_tools': ['Allowed tools', 'Only these tools can be called; an empty list allows all.'],
  'local.policy.deny_tools': ['Denied tools', 'These tools cannot be called, whatever is allowed.'],
  'local.blocked_clients': ['Blocked clients', 'Clients that call themselves so are turned away.'],
  'local.http.enabled': ['HTTP address', 'Lets clients attach over HTTP, each with a token of its own.'],
  'local.http.address': ['Address for HTTP', 'Where clients reach it: host and port of this machine alone.'],
  'local.http.allowed_origins': [
    'Allowed web pages',
    'Web pages that may ask, such as https://app.example.com; they need a token as well.',
  ],
  'local.http.keep_alive_ms': [
    'Sign of life',
    'An answer that takes longer becomes a stream, which says at this pace that it is alive.',
  ],
  'local.http.session_idle_ms': [
    'Idle sessions',
    'A session over HTTP ends after this long without a request or an open stream.',
  ],
  'local.http.replay_events': [
    'Events to repeat',
    'So many events are kept for a client that comes back to a broken stream.',
  ],
  'local.http.replay_bytes': [
    'Bytes to repeat',
    'What is kept of these events takes no more room than this.',
  ],
  'local.socket.enabled': ['Local socket', 'Lets programs of the same user share the router that runs.'],
  'local.socket.path': ['Path of the socket', 'Where the socket is, in place of the usual folder.'],
  'logging.level': ['Level', 'What is written to the log: this level and what is more serious.'],
  'logging.format': ['Format', 'One JSON document or one line of text for each entry.'],
  'logging.output': ['Written to', 'stderr, or the path of a file that only you can read.'],
  'logging.max_file_bytes': ['Size of a log file', 'A larger log file is put aside, and a new one begins.'],
  'logging.sanitize': ['Mask secrets', 'Masks tokens and whatever looks like one.'],
  'logging.pii_sanitization': [
    'Mask personal data',
    'Masks e-mail addresses, phone, card and identity numbers, and IP addresses.',
  ],
  'logging.exclude_bodies': [
    'Leave contents out',
    'Keeps arguments and results out of the log, also where messages are logged.',
  ],
  'logging.audit.enabled': [
    'Keep an audit log',
    'Records who did what in a log that shows when it was changed.',
  ],
  'logging.audit.include_auth': [
    'Record sign-ins',
    'Records attempts to sign in, and which credential was used.',
  ],
  'logging.audit.include_requests': [
    'Record requests',
    'Records method, tool, outcome and duration of each request, never its contents.',
  ],
  'logging.audit.output': ['Audit file', 'The path of the audit log, in place of the usual one.'],
  'logging.audit.max_file_bytes': [
    'Size of an audit file',
    'A larger file is put aside, and the chain goes on.',
  ],
  'logging.audit.max_files': [
    'Audit files kept',
    'The oldest files above this number are removed, which is recorded.',
  ],
  'metrics.enabled': ['Serve metrics', 'Serves /metrics and /health; without a value it is on in this app.'],
  'metrics.endpoint': ['Address of metrics', 'Host and port; any but this machine’s own needs a token.'],
  'metrics.labels': ['Labels', 'Names with a text each, put onto every metric.'],
  'metrics.token_secure_key': [
    'Token in the keychain',
    'The keychain entry with the token that whoever asks must show.',
  ],
  'metrics.token_env': ['Token in a variable', 'The variable with the token that whoever asks must show.'],
  'metrics.token_file': ['Token in a file', 'The file with the token that whoever asks must show.'],
  'security.contact': [
    'Contact for incidents',
    'Whom to tell about an incident: an address, a number or a page.',
  ],
  'security.rotation_overlap_minutes': [
    'Overlap of rotations',
    'An old credential is kept this long, to go back to it if the new one is refused.',
  ],
  'security.rotation_days': [
    'Rotate after',
    'Reminds you when a credential is older than this; 0 never reminds.',
  ],
  'security.detection.enabled': [
    'Look for suspicious patterns',
    'Tells you of what is unusual and refuses nothing; without a value it is on in this app.',
  ],
  'security.detection.learning_minutes': [
    'Time to learn',
    'After so many minutes with traffic the router knows what is usual.',
  ],
  'security.detection.resolve_after_seconds': [
    'An incident is over after',
    'An incident ends when nothing more was seen of it for this long.',
  ],
  ...windowWords('auth_failures', 'Refused credentials', 'credentials were refused'),
  ...windowWords('certificate_failures', 'Refused certificates', 'certificates of the gateway were refused'),
  ...windowWords('unexpected_clients', 'Strangers', 'somebody was turned away at a door of this machine'),
  ...windowWords('new_tools', 'New tools', 'tools were called for the first time'),
  ...windowWords('large_requests', 'Large requests', 'requests were unusually large'),
  'security.detection.large_requests.factor': [
    'Large requests: factor',
    'A request is large when it is so many times the largest usual one.',
  ],
  'security.detection.large_requests.min_bytes': [
    'Large requests: least size',
    'A request that is smaller than this is never large.',
  ],
  'security.detection.request_rate.enabled': [
    'Many requests',
    'Tells when far more requests come than usual.',
  ],
  'security.detection.request_rate.factor': [
    'Many requests: factor',
    'A minute is busy when it has so many times the requests of the busiest usual one.',
  ],
  'security.detection.request_rate.min_per_minute': [
    'Many requests: least number',
    'A minute with fewer requests than this is never busy.',
  ],
  'security.detection.method_mix.enabled': [
    'Other methods',
    'Tells when other methods are asked for than usual.',
  ],
  'security.detection.method_mix.difference': [
    'Other methods: difference',
    'How far the methods of a minute may be from the usual ones: 0 the same, 1 nothing in common.',
  ],
  'security.detection.method_mix.min_per_minute': [
    'Other methods: least number',
    'A minute with fewer requests than this is not compared.',
  ],
  'advanced.watch_files': [
    'Follow changed files',
    'Takes changes of this file, of credentials and of certificates into use by itself.',
  ],
  'advanced.watch_poll_ms': [
    'Look for changes every',
    'How often files are looked at where the system does not tell of changes.',
  ],
  'advanced.circuit_breaker.enabled': [
    'Leave failing endpoints alone',
    'While there are others, an endpoint that fails again and again is not tried for a while.',
  ],
  'advanced.circuit_breaker.failure_threshold': [
    'Failures in a row',
    'After so many failed connections in a row an endpoint is left alone.',
  ],
  'advanced.circuit_breaker.success_threshold': [
    'Successes in a row',
    'After so many connections that last, an endpoint counts as well again.',
  ],
  'advanced.circuit_breaker.recovery_timeout_ms': [
    'Time left alone',
    'How long an endpoint that failed is not tried.',
  ],
  'advanced.debug.log_frames': [
    'Log messages',
    'Writes each message to the log, masked and cut; not for everyday use.',
  ],
  'advanced.debug.max_logged_frame_bytes': [
    'Longest logged message',
    'What is logged of one message at most.',
  ],
  'advanced.compliance.fips_mode': [
    'FIPS mode',
    'Approved algorithms only; this app, unlike the command line, then connects nowhere.',
  ],
  'advanced.compliance.audit_all': [
    'Record everything',
    'Requests are refused while they cannot be recorded in the audit log.',
  ],
};

/** A rule of detection that counts within a time. */
function windowWords(rule: string, title: string, what: string): Readonly<Record<string, SettingWords>> {
  const path = `security.detection.${rule}`;
  return {
    [`${path}.enabled`]: [title, `Tells you when ${what} too often.`],
    [`${path}.threshold`]: [`${title}: how often`, `So often is too often: ${what}.`],
    [`${path}.window_seconds`]: [`${title}: within`, `How long it is counted how often ${what}.`],
  };
}
