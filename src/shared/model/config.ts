import { z } from 'zod';

const MAX_TIMER_MS = 2_147_483_647;
const milliseconds = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(MAX_TIMER_MS).default(fallback);
const count = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(1_000_000).default(fallback);
const KIB = 1024;
const MIB = 1024 * KIB;
const byteLimit = z
  .number()
  .int()
  .min(KIB)
  .max(1024 * MIB);
const byteCount = (fallback: number): z.ZodDefault<z.ZodNumber> => byteLimit.default(fallback);
/** The name of an environment variable, a keychain entry or a path; never the secret itself. */
const reference = z.string().trim().min(1);

/** A DNS name; an address cannot be sent as SNI (RFC 6066 section 3). */
const hostName = z
  .string()
  .trim()
  .regex(/^(?=.*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'must be a host name');

/** The TLS suites that can be named, strongest first: those of TLS 1.3, and the forward-secret AEAD ones of TLS 1.2. */
export const tlsSuites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
] as const;

/** The standard name of a TLS suite. */
export type TlsSuite = (typeof tlsSuites)[number];

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
  /** `none` sends no credential at all; `mtls` sends no token, the client certificate is the credential. */
  type: z.enum(['bearer', 'oauth2', 'mtls', 'none']).default('bearer'),
  /** Name of the environment variable that holds the token (guide: Token Management, option 1). */
  token_env: reference.optional(),
  /** File that holds the token, 0600 (guide: Token Management, option 2). */
  token_file: reference.optional(),
  /** Name of the keychain entry that holds the token. */
  token_secure_key: reference.optional(),
  /**
   * Where `token_secure_key`, and what the identity provider renews, is kept: `memory` is lost when the program ends,
   * and never written anywhere.
   */
  token_storage: z.enum(['keychain', 'memory']).default('keychain'),
  /** Program and arguments that print the token; started without a shell. */
  token_command: z.array(z.string()).min(1).optional(),
  token_command_timeout_ms: milliseconds(10_000),
  /** PEM file with the client certificate, and its chain where there is one (guide: mTLS Configuration). */
  client_cert: reference.optional(),
  /** PEM file with the key of `client_cert`, 0600. */
  client_key: reference.optional(),
  /** PKCS#12 file with client certificate and key, 0600; in place of `client_cert` and `client_key`. */
  client_pkcs12: reference.optional(),
  /** Where the passphrase of `client_pkcs12` or `client_key` is: a keychain entry, a variable or a file of mode 0600. */
  passphrase_secure_key: reference.optional(),
  passphrase_env: reference.optional(),
  passphrase_file: reference.optional(),
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
  /** What may be negotiated; those of TLS 1.2 matter with `min_version: "1.2"` only (guide: Enforce Strong TLS). */
  cipher_suites: z
    .array(z.enum(tlsSuites))
    .min(1)
    .default([...tlsSuites]),
  /** `sha256/` and the base64 SHA-256 of a public key (RFC 7469); one in the chain must match. Empty: not pinned. */
  pins: z
    .array(
      z
        .string()
        .regex(
          /^sha256\/[A-Za-z0-9+/]{43}=$/,
          'must be "sha256/" and the base64 SHA-256 of the public key (44 characters, ends in "=")',
        ),
    )
    .default([]),
});

/** The HTTP proxy on the way out; without `url` the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY decide. */
const proxySchema = z.strictObject({
  /** `false`: every connection is direct, whatever the environment says. */
  enabled: z.boolean().default(true),
  /** `http://` or `https://` (TLS to the proxy itself), without user name and password. */
  url: reference.optional(),
  username: reference.optional(),
  /** Where the password is: a keychain entry, a variable or a file of mode 0600. */
  password_secure_key: reference.optional(),
  password_env: reference.optional(),
  password_file: reference.optional(),
  /** PEM file whose certificates replace the system's roots for an `https://` proxy. */
  ca_cert_path: reference.optional(),
  /**
   * Hosts that are reached directly: `*`, a name with all below it, `.name` for what is below it alone, `name:port`, an
   * address, a network such as `10.0.0.0/8`. In place of NO_PROXY.
   */
  no_proxy: z.array(reference).optional(),
});

/** The gateway's binary protocol on a bare socket; used when `gateway.transport` is `tcp`. */
const tcpSchema = z.strictObject({
  /** `gateway`: 12-byte header, magic MCPB. `go-router`: the Go router's own, 16-byte header, magic MCP\0. */
  dialect: z.enum(['gateway', 'go-router']).default('gateway'),
  /**
   * `required`: connected only after the other side agreed to a version. `offered`: the offer is sent, an answer is
   * not waited for. `off`: no offer.
   */
  negotiate: z.enum(['required', 'offered', 'off']).default('required'),
  /**
   * Where the credential travels. `initialize`: in a sign-in of the router's own before anything else (not in dialect
   * go-router). `wrapper`: as `auth_token` beside each message. `none`: it is not sent. Default by dialect: `initialize`
   * for gateway, `wrapper` for go-router.
   */
  token_in: z.enum(['initialize', 'wrapper', 'none']).optional(),
  /**
   * `drop`: notifications of clients are not sent, because a gateway that wants the sign-in ends the connection on a
   * message without id. Default: `drop` after a sign-in, `send` otherwise.
   */
  notifications: z.enum(['send', 'drop']).optional(),
});

const gatewayKeys = z.strictObject({
  /** `wss://`, `https://` or `tcps://` (also written `tcp+tls://`); `ws://`, `http://` and `tcp://` on loopback. */
  url: z.string().trim().min(1),
  /**
   * `auto`: as the scheme of `url` says; `https://` is an MCP server over Streamable HTTP, not the gateway's own HTTP
   * frontend. In a checked configuration it is the transport itself, never `auto`.
   */
  transport: z.enum(['auto', 'websocket', 'tcp', 'streamable-http', 'gateway-http']).default('auto'),
  auth: authSchema.prefault({}),
  connection: connectionSchema.prefault({}),
  tls: tlsSchema.prefault({}),
  /** Allows an unencrypted connection to another machine. */
  allow_insecure: z.boolean().default(false),
  /** `target_namespace` of methods that have no namespace of their own. */
  default_namespace: z.string().min(1).default('default'),
  /**
   * Largest message in either direction. Default by transport, because the real gateway closes above it: 1 MiB on
   * WebSocket, 10 MiB on TCP; 10 MiB on HTTP as well.
   */
  max_message_bytes: byteLimit.optional(),
  tcp: tcpSchema.prefault({}),
  proxy: proxySchema.prefault({}),
});

type Transport = 'websocket' | 'tcp' | 'streamable-http' | 'gateway-http';

const DEFAULT_MESSAGE_BYTES: Readonly<Record<Transport, number>> = {
  websocket: MIB,
  tcp: 10 * MIB,
  'streamable-http': 10 * MIB,
  'gateway-http': 10 * MIB,
};
/** Those whose credential is a token. */
const TYPES_WITH_TOKEN: ReadonlySet<string> = new Set(['bearer', 'oauth2']);
const TCP_SCHEME = /^tcp(s|\+tls)?:/i;
const HTTP_SCHEME = /^https?:/i;

function impliedTransport(url: string): Transport {
  if (TCP_SCHEME.test(url)) return 'tcp';
  return HTTP_SCHEME.test(url) ? 'streamable-http' : 'websocket';
}

/** Fills in the defaults that depend on other keys, so that whoever reads the configuration finds one value only. */
const gatewaySchema = gatewayKeys.transform((keys) => {
  const { url, auth, tcp } = keys;
  const transport = keys.transport === 'auto' ? impliedTransport(url) : keys.transport;
  const tokenIn = tcp.token_in ?? (tcp.dialect === 'gateway' ? 'initialize' : 'wrapper');
  const signsIn = tokenIn === 'initialize' && TYPES_WITH_TOKEN.has(auth.type);
  return {
    ...keys,
    transport,
    max_message_bytes: keys.max_message_bytes ?? DEFAULT_MESSAGE_BYTES[transport],
    tcp: { ...tcp, token_in: tokenIn, notifications: tcp.notifications ?? (signsIn ? 'drop' : 'send') },
  };
});

/** Names, in which `*` stands for any number of characters. */
const patterns = z.array(z.string().trim().min(1)).default([]);

/**
 * What clients may ask for. A deny wins over an allow, and an empty allow list allows everything. What opens, keeps and
 * cancels (`initialize`, `ping`, ...) always passes. Denied tools still stand in the answer to `tools/list`.
 */
const policySchema = z.strictObject({
  allow_methods: patterns,
  deny_methods: patterns,
  /** Names of tools in `tools/call`. */
  allow_tools: patterns,
  deny_tools: patterns,
});

const localSchema = z.strictObject({
  /** Without a reply or a report of progress for this long, a request fails. */
  request_timeout_ms: milliseconds(60_000),
  /** However much progress is reported, a request fails after this; never before `request_timeout_ms`. */
  max_request_duration_ms: milliseconds(3_600_000),
  policy: policySchema.prefault({}),
  /** In flight at the gateway at once, of all clients (guide: Resource Limits). */
  max_concurrent_requests: count(100),
  /** Waiting for a connection or a free slot, per client. */
  max_queued_requests: count(100, 0),
  /** Requests of the server that wait for the client's answer, per client. */
  max_server_requests: count(100, 0),
  max_sessions: count(64),
  max_line_bytes: byteCount(16 * MIB),
  /** How long stopping waits for replies that are still owed. */
  drain_timeout_ms: milliseconds(5000, 0),
  /** Of all clients together; each active one can count on an equal part. */
  rate_limit: z
    .strictObject({
      enabled: z.boolean().default(true),
      requests_per_second: z.number().positive().max(1_000_000).default(50),
      burst: count(100),
    })
    .prefault({}),
  /** The door for other programs of the same user: app and `serve` open it, a bridge on stdio does not. */
  socket: z
    .strictObject({
      enabled: z.boolean().default(true),
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

const advancedSchema = z.strictObject({
  compliance: z
    .strictObject({
      /** Approved algorithms only, and no connection where the runtime's cryptography is not in FIPS mode. */
      fips_mode: z.boolean().default(false),
    })
    .prefault({}),
});

/** The whole configuration; keys are exactly the guide's. Secrets are only referred to. */
export const routerConfigSchema = z.strictObject({
  gateway: gatewaySchema,
  local: localSchema.prefault({}),
  logging: loggingSchema.prefault({}),
  advanced: advancedSchema.prefault({}),
});

/** A valid configuration with every default filled in. */
export type RouterConfig = z.infer<typeof routerConfigSchema>;
export type GatewayConfig = RouterConfig['gateway'];
export type LocalConfig = RouterConfig['local'];
export type LoggingConfig = RouterConfig['logging'];
