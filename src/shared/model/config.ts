import { z } from 'zod';

const MAX_TIMER_MS = 2_147_483_647;
const milliseconds = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(MAX_TIMER_MS).default(fallback);
const count = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(1_000_000).default(fallback);
const KIB = 1024;
const MIB = 1024 * KIB;
const byteCount = (fallback: number): z.ZodDefault<z.ZodNumber> =>
  z
    .number()
    .int()
    .min(KIB)
    .max(1024 * MIB)
    .default(fallback);
/** The name of an environment variable, a keychain entry or a path; never the secret itself. */
const reference = z.string().trim().min(1);

/** A DNS name; an address cannot be sent as SNI (RFC 6066 section 3). */
const hostName = z
  .string()
  .trim()
  .regex(/^(?=.*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'must be a host name');

/** TLS towards the identity provider; `gateway.tls` is for the gateway alone. */
const authTlsSchema = z.strictObject({
  verify: z.boolean().default(true),
  /** PEM file whose certificates replace the system's roots. */
  ca_cert_path: reference.optional(),
  /** Name to send as SNI and to look for in the certificate, in place of the address's host. */
  server_name: hostName.optional(),
  min_version: z.enum(['1.2', '1.3']).default('1.3'),
});

const authSchema = z.strictObject({
  /** `none` sends no credential at all. */
  type: z.enum(['bearer', 'oauth2', 'none']).default('bearer'),
  /** Name of the environment variable that holds the token (guide: Token Management, option 1). */
  token_env: reference.optional(),
  /** File that holds the token, 0600 (guide: Token Management, option 2). */
  token_file: reference.optional(),
  /** Name of the keychain entry that holds the token. */
  token_secure_key: reference.optional(),
  /** Also put the token into the `auth_token` member of each envelope, as the Go router does. */
  per_message_auth: z.boolean().default(true),
  /** OAuth2: the name of this router at the identity provider (guide: OAuth2 Security). */
  client_id: reference.optional(),
  client_secret_env: reference.optional(),
  client_secret_file: reference.optional(),
  client_secret_secure_key: reference.optional(),
  /** `https://`, or `http://` on loopback. */
  token_endpoint: reference.optional(),
  /** The least that is needed (guide: Request minimal scopes needed). */
  scopes: z.array(reference).optional(),
  /** The same as one text with spaces, as the Go router has it. */
  scope: reference.optional(),
  grant_type: z
    .enum(['client_credentials', 'password', 'refresh_token', 'authorization_code'])
    .default('client_credentials'),
  username: reference.optional(),
  password_env: reference.optional(),
  password_file: reference.optional(),
  password_secure_key: reference.optional(),
  refresh_token_env: reference.optional(),
  refresh_token_file: reference.optional(),
  refresh_token_secure_key: reference.optional(),
  /** Where the client secret travels: in the Basic header or in the body (RFC 6749 section 2.3.1). */
  client_auth: z.enum(['basic', 'post']).default('basic'),
  /** The identity provider's own name; the host of `token_endpoint` when it is not set. */
  issuer: reference.optional(),
  /** Whom the token is for, as Auth0 and others want it. */
  audience: reference.optional(),
  /** Whom the token is for, as RFC 8707 says. */
  resource: reference.optional(),
  /** Where refreshed tokens are kept; `memory` forgets them with the process. */
  token_storage: z.enum(['keychain', 'memory']).default('keychain'),
  /** Limit for one request to the identity provider; other processes may wait for it. */
  token_timeout_ms: z.number().int().min(1).max(30_000).default(10_000),
  tls: authTlsSchema.prefault({}),
});

const reconnectSchema = z.strictObject({
  initial_delay_ms: milliseconds(1000),
  max_delay_ms: milliseconds(60_000),
  multiplier: z.number().min(1).max(100).default(2),
  /** -1: for ever. */
  max_attempts: z.number().int().min(-1).max(1_000_000).default(-1),
  /** Share of the delay that is random, 0 to 1. */
  jitter: z.number().min(0).max(1).default(0.1),
});

const connectionSchema = z.strictObject({
  /** Limit for address lookup, TCP, TLS and upgrade together. */
  timeout_ms: milliseconds(5000),
  keepalive_interval_ms: milliseconds(30_000),
  /** A connection on which nothing arrives for this long after a ping is dead. */
  pong_timeout_ms: milliseconds(60_000),
  reconnect: reconnectSchema.prefault({}),
});

const tlsSchema = z.strictObject({
  verify: z.boolean().default(true),
  /** PEM file whose certificates replace the system's roots (guide: Certificate Pinning). */
  ca_cert_path: reference.optional(),
  /** Name to send as SNI and to look for in the certificate, in place of the URL's host. */
  server_name: hostName.optional(),
  min_version: z.enum(['1.2', '1.3']).default('1.3'),
});

const gatewaySchema = z.strictObject({
  /** `wss://`, or `ws://` on loopback. */
  url: z.string().trim().min(1),
  auth: authSchema.prefault({}),
  connection: connectionSchema.prefault({}),
  tls: tlsSchema.prefault({}),
  /** Allows an unencrypted connection to another machine. */
  allow_insecure: z.boolean().default(false),
  /** `target_namespace` of methods that have no namespace of their own. */
  default_namespace: z.string().min(1).default('default'),
  /** Largest message in either direction; the real gateway closes above 1 MiB. */
  max_message_bytes: byteCount(MIB),
});

const localSchema = z.strictObject({
  request_timeout_ms: milliseconds(60_000),
  /** In flight at the gateway at once (guide: Resource Limits). */
  max_concurrent_requests: count(100),
  /** Waiting for a connection, per client. */
  max_queued_requests: count(100, 0),
  /** Requests of the server that wait for the client's answer, per client. */
  max_server_requests: count(100, 0),
  max_sessions: count(64),
  max_line_bytes: byteCount(16 * MIB),
  /** How long stopping waits for replies that are still owed. */
  drain_timeout_ms: milliseconds(5000, 0),
  rate_limit: z
    .strictObject({
      enabled: z.boolean().default(true),
      requests_per_second: z.number().positive().max(1_000_000).default(50),
      burst: count(100),
    })
    .prefault({}),
  /** The door for other programs of the same user on this machine. */
  socket: z
    .strictObject({
      enabled: z.boolean().default(false),
      path: reference.optional(),
    })
    .prefault({}),
});

const loggingSchema = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  format: z.enum(['json', 'text']).default('json'),
  /** `stderr`, or the path of a file (0600, rotated at `max_file_bytes`). */
  output: z.string().trim().min(1).default('stderr'),
  max_file_bytes: byteCount(10 * MIB),
  /** Masks every secret that the router holds in whatever is logged. */
  sanitize: z.boolean().default(true),
});

/** The whole configuration; keys are exactly the guide's. Secrets are only referred to. */
export const routerConfigSchema = z.strictObject({
  gateway: gatewaySchema,
  local: localSchema.prefault({}),
  logging: loggingSchema.prefault({}),
});

/** A valid configuration with every default filled in. */
export type RouterConfig = z.infer<typeof routerConfigSchema>;
export type GatewayConfig = RouterConfig['gateway'];
export type LocalConfig = RouterConfig['local'];
export type LoggingConfig = RouterConfig['logging'];
