import type { RouterConfig } from './config';

/**
 * When a changed setting takes effect at a reload. `live`: with the next request. `reconnect`: with new connections, which
 * the reload makes. `restart`: when the program starts the next time.
 */
export type SettingEffect = 'live' | 'reconnect' | 'restart';

/** Every key of the schema; a test compares. */
export const settingEffects: Readonly<Record<string, SettingEffect>> = {
  'gateway.url': 'reconnect',
  'gateway.transport': 'reconnect',
  'gateway.auth.type': 'reconnect',
  'gateway.auth.token_env': 'reconnect',
  'gateway.auth.token_file': 'reconnect',
  'gateway.auth.token_secure_key': 'reconnect',
  'gateway.auth.token_storage': 'reconnect',
  'gateway.auth.token_command': 'reconnect',
  'gateway.auth.token_command_timeout_ms': 'reconnect',
  'gateway.auth.client_cert': 'reconnect',
  'gateway.auth.client_key': 'reconnect',
  'gateway.auth.client_pkcs12': 'reconnect',
  'gateway.auth.passphrase_secure_key': 'reconnect',
  'gateway.auth.passphrase_env': 'reconnect',
  'gateway.auth.passphrase_file': 'reconnect',
  'gateway.auth.per_message_auth': 'reconnect',
  'gateway.auth.client_id': 'reconnect',
  'gateway.auth.client_secret_env': 'reconnect',
  'gateway.auth.client_secret_file': 'reconnect',
  'gateway.auth.client_secret_secure_key': 'reconnect',
  'gateway.auth.token_endpoint': 'reconnect',
  'gateway.auth.scopes': 'reconnect',
  'gateway.auth.scope': 'reconnect',
  'gateway.auth.grant_type': 'reconnect',
  'gateway.auth.username': 'reconnect',
  'gateway.auth.password_env': 'reconnect',
  'gateway.auth.password_file': 'reconnect',
  'gateway.auth.password_secure_key': 'reconnect',
  'gateway.auth.refresh_token_env': 'reconnect',
  'gateway.auth.refresh_token_file': 'reconnect',
  'gateway.auth.refresh_token_secure_key': 'reconnect',
  'gateway.auth.client_auth': 'reconnect',
  'gateway.auth.issuer': 'reconnect',
  'gateway.auth.audience': 'reconnect',
  'gateway.auth.resource': 'reconnect',
  'gateway.auth.token_timeout_ms': 'reconnect',
  'gateway.auth.tls.verify': 'reconnect',
  'gateway.auth.tls.ca_cert_path': 'reconnect',
  'gateway.auth.tls.server_name': 'reconnect',
  'gateway.auth.tls.min_version': 'reconnect',
  'gateway.connection.timeout_ms': 'reconnect',
  'gateway.connection.keepalive_interval_ms': 'reconnect',
  'gateway.connection.pong_timeout_ms': 'reconnect',
  'gateway.connection.max_http_connections': 'reconnect',
  'gateway.connection.reconnect.initial_delay_ms': 'reconnect',
  'gateway.connection.reconnect.max_delay_ms': 'reconnect',
  'gateway.connection.reconnect.multiplier': 'reconnect',
  'gateway.connection.reconnect.max_attempts': 'reconnect',
  'gateway.connection.reconnect.jitter': 'reconnect',
  'gateway.connection.pool.max_connections': 'live',
  'gateway.connection.pool.idle_timeout_ms': 'live',
  'gateway.tls.verify': 'reconnect',
  'gateway.tls.ca_cert_path': 'reconnect',
  'gateway.tls.server_name': 'reconnect',
  'gateway.tls.min_version': 'reconnect',
  'gateway.tls.cipher_suites': 'reconnect',
  'gateway.tls.pins': 'reconnect',
  'gateway.proxy.enabled': 'reconnect',
  'gateway.proxy.url': 'reconnect',
  'gateway.proxy.username': 'reconnect',
  'gateway.proxy.password_secure_key': 'reconnect',
  'gateway.proxy.password_env': 'reconnect',
  'gateway.proxy.password_file': 'reconnect',
  'gateway.proxy.ca_cert_path': 'reconnect',
  'gateway.proxy.no_proxy': 'reconnect',
  'gateway.allow_insecure': 'reconnect',
  'gateway.default_namespace': 'reconnect',
  'gateway.max_message_bytes': 'reconnect',
  'gateway.tcp.dialect': 'reconnect',
  'gateway.tcp.negotiate': 'reconnect',
  'gateway.tcp.token_in': 'reconnect',
  'gateway.tcp.notifications': 'reconnect',
  'local.request_timeout_ms': 'live',
  'local.max_concurrent_requests': 'live',
  'local.max_queued_requests': 'live',
  'local.max_server_requests': 'live',
  'local.max_sessions': 'live',
  'local.blocked_clients': 'live',
  'local.max_line_bytes': 'live',
  'local.drain_timeout_ms': 'live',
  'local.rate_limit.enabled': 'live',
  'local.rate_limit.requests_per_second': 'live',
  'local.rate_limit.burst': 'live',
  'local.max_request_duration_ms': 'live',
  'local.policy.allow_methods': 'live',
  'local.policy.deny_methods': 'live',
  'local.policy.allow_tools': 'live',
  'local.policy.deny_tools': 'live',
  'local.socket.enabled': 'restart',
  'local.socket.path': 'restart',
  'logging.level': 'restart',
  'logging.format': 'restart',
  'logging.output': 'restart',
  'logging.max_file_bytes': 'restart',
  'logging.sanitize': 'restart',
  'logging.pii_sanitization': 'restart',
  'logging.exclude_bodies': 'reconnect',
  'metrics.enabled': 'live',
  'metrics.endpoint': 'live',
  'metrics.labels': 'live',
  'metrics.token_secure_key': 'live',
  'metrics.token_env': 'live',
  'metrics.token_file': 'live',
  'logging.audit.enabled': 'live',
  'logging.audit.include_auth': 'live',
  'logging.audit.include_requests': 'live',
  'logging.audit.output': 'live',
  'logging.audit.max_file_bytes': 'live',
  'logging.audit.max_files': 'live',
  'security.contact': 'live',
  'security.rotation_overlap_minutes': 'live',
  'security.rotation_days': 'live',
  'security.detection.enabled': 'live',
  'security.detection.learning_minutes': 'live',
  'security.detection.resolve_after_seconds': 'live',
  'security.detection.auth_failures.enabled': 'live',
  'security.detection.auth_failures.threshold': 'live',
  'security.detection.auth_failures.window_seconds': 'live',
  'security.detection.certificate_failures.enabled': 'live',
  'security.detection.certificate_failures.threshold': 'live',
  'security.detection.certificate_failures.window_seconds': 'live',
  'security.detection.unexpected_clients.enabled': 'live',
  'security.detection.unexpected_clients.threshold': 'live',
  'security.detection.unexpected_clients.window_seconds': 'live',
  'security.detection.new_tools.enabled': 'live',
  'security.detection.new_tools.threshold': 'live',
  'security.detection.new_tools.window_seconds': 'live',
  'security.detection.large_requests.enabled': 'live',
  'security.detection.large_requests.threshold': 'live',
  'security.detection.large_requests.window_seconds': 'live',
  'security.detection.large_requests.factor': 'live',
  'security.detection.large_requests.min_bytes': 'live',
  'security.detection.request_rate.enabled': 'live',
  'security.detection.request_rate.factor': 'live',
  'security.detection.request_rate.min_per_minute': 'live',
  'security.detection.method_mix.enabled': 'live',
  'security.detection.method_mix.difference': 'live',
  'security.detection.method_mix.min_per_minute': 'live',
  'advanced.watch_files': 'live',
  'advanced.watch_poll_ms': 'live',
  'advanced.circuit_breaker.enabled': 'live',
  'advanced.circuit_breaker.failure_threshold': 'live',
  'advanced.circuit_breaker.success_threshold': 'live',
  'advanced.circuit_breaker.recovery_timeout_ms': 'live',
  'advanced.debug.log_frames': 'reconnect',
  'advanced.debug.max_logged_frame_bytes': 'live',
  'advanced.compliance.fips_mode': 'reconnect',
  'advanced.compliance.audit_all': 'live',
};

/** The keys whose values differ, such as `gateway.tls.verify`. */
export function changedKeys(before: RouterConfig, after: RouterConfig): readonly string[] {
  const keys = Object.keys(settingEffects).filter((key) => textAt(before, key) !== textAt(after, key));
  return othersOf(before) === othersOf(after) ? keys : [...keys, OTHER_ENDPOINTS];
}

/** All endpoints but the preferred one, which is `gateway`. */
const OTHER_ENDPOINTS = 'gateway_pool.endpoints';

const othersOf = ({ gateway_pool: { endpoints } }: RouterConfig): string =>
  JSON.stringify(endpoints.slice(1));

/** Those of the keys that take effect in this way. */
export const withEffect = (keys: readonly string[], effect: SettingEffect): readonly string[] =>
  keys.filter((key) => (key === OTHER_ENDPOINTS ? 'reconnect' : settingEffects[key]) === effect);

/** Values are texts, numbers, booleans and lists of texts. */
function textAt(config: RouterConfig, key: string): string {
  let value: unknown = config;
  for (const name of key.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return JSON.stringify([value]);
}
