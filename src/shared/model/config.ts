import { z } from 'zod';

import { auditSchema } from './audit-config';
import { detectionSchema } from './detection-settings';
import { spreadGateway, TWO_ADDRESSES } from './endpoint-defaults';
import { gatewaySchema, poolSchema } from './gateway-settings';
import { byteCount, count, MIB, milliseconds, reference } from './setting-values';

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

/** The door for clients that speak Streamable HTTP, at `/mcp`: app and `serve` open it. Each needs a token of its own. */
const httpSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** `host:port` of this machine (loopback), and nothing else. */
  address: reference.default('127.0.0.1:9642'),
  /** Web pages that may ask, such as `https://app.example.com`; they need a token as well. */
  allowed_origins: z.array(z.string().trim().min(1)).default([]),
  /** An answer that is not there after this time becomes a stream, which says at this pace that it is alive. Sessions of
   * 2025-11-25 get streams at once. */
  keep_alive_ms: milliseconds(15_000),
  /** Without a request or an open stream for this long, a session ends. */
  session_idle_ms: milliseconds(1_800_000),
  /** Kept for a client that comes back to a broken stream, per session. */
  replay_events: count(256, 0),
  replay_bytes: byteCount(MIB),
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
  /** Names that clients give themselves in `initialize`, as the window shows them; such a client is turned away. */
  blocked_clients: z.array(z.string().trim().min(1)).default([]),
  max_line_bytes: byteCount(16 * MIB),
  /** How long stopping waits for replies that are still owed, and a new connection for the reply to `initialize`. */
  drain_timeout_ms: milliseconds(5000, 0),
  /** Of all clients together; each active one can count on an equal part. */
  rate_limit: z
    .strictObject({
      enabled: z.boolean().default(true),
      requests_per_second: z.number().positive().max(1_000_000).default(50),
      burst: count(100),
    })
    .prefault({}),
  http: httpSchema.prefault({}),
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
  /** Masks what the router holds in every form, and what looks like a token, in whatever is logged. */
  sanitize: z.boolean().default(true),
  /** Masks e-mail addresses, phone numbers, cards, identity numbers and IP addresses by their looks. */
  pii_sanitization: z.boolean().default(false),
  /** Keeps arguments and results out of the log, also where `advanced.debug.log_frames` would show them. */
  exclude_bodies: z.boolean().default(false),
  audit: auditSchema.prefault({}),
});

/** When an endpoint that fails is left alone while there are others. */
const breakerSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Connections in a row that failed or were lost. A busy or slow endpoint does not fail. */
  failure_threshold: count(5),
  /** Connections in a row that have to last, tried one at a time, until the endpoint counts as well again. */
  success_threshold: count(2),
  /** How long nothing is tried. */
  recovery_timeout_ms: milliseconds(30_000),
});

const metricsSchema = z.strictObject({
  /** `/metrics` and `/health`. Without a value: on in the app and in `serve`, off in a bridge that a client starts. */
  enabled: z.boolean().optional(),
  /** `host:port`; any other than this machine's own (localhost) needs a token. */
  endpoint: reference.default('localhost:9091'),
  /** Put onto every metric. */
  labels: z.record(z.string(), z.string()).default({}),
  /** Where the bearer token is that whoever asks must show: a keychain entry, a variable or a file of mode 0600. */
  token_secure_key: reference.optional(),
  token_env: reference.optional(),
  token_file: reference.optional(),
});

const advancedSchema = z.strictObject({
  /** Takes changes of this file, and of those that hold the credential and the authorities, into use by itself. */
  watch_files: z.boolean().default(true),
  /** How often files are looked at where the system does not tell of changes. */
  watch_poll_ms: milliseconds(500, 50),
  circuit_breaker: breakerSchema.prefault({}),
  debug: z
    .strictObject({
      /** Writes each message of MCP to the log, sanitised and cut. Not for production (guide: Log Sanitization). */
      log_frames: z.boolean().default(false),
      /** What is logged of a message at most. */
      max_logged_frame_bytes: z.number().int().min(64).max(MIB).default(4096),
    })
    .prefault({}),
  compliance: z
    .strictObject({
      /** Approved algorithms only, and no connection where the runtime's cryptography is not in FIPS mode. */
      fips_mode: z.boolean().default(false),
      /** Everything is recorded in the audit log, and requests are refused while it cannot be written. */
      audit_all: z.boolean().default(false),
    })
    .prefault({}),
});

const securitySchema = z.strictObject({
  /** Whom to tell about an incident: an address, a number, a page. Shown by `doctor`, `lockdown` and `incident export`. */
  contact: reference.optional(),
  /** How long `token rotate` keeps the old token, client secret or certificate, to go back to it if the new one is refused; 0: not at all. */
  rotation_overlap_minutes: z.number().min(0).max(1440).default(10),
  /** What was stored (a certificate: issued) this many days ago is to be rotated, and people are told; 0: never. */
  rotation_days: z.number().int().min(0).max(3650).default(0),
  detection: detectionSchema.prefault({}),
});

const writtenSchema = z.strictObject({
  /** The gateway; beside `gateway_pool.endpoints` what the endpoints have in common. */
  gateway: gatewaySchema.optional(),
  gateway_pool: poolSchema.prefault({}),
  local: localSchema.prefault({}),
  logging: loggingSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  security: securitySchema.prefault({}),
  advanced: advancedSchema.prefault({}),
});

/**
 * The whole configuration; keys are exactly the guide's. Secrets are only referred to. Whatever form was written, the
 * result has the list of endpoints, and in `gateway` the one that comes first.
 */
export const routerConfigSchema = z
  .preprocess((value, context) => {
    const spread = spreadGateway(value);
    if (spread !== 'two-addresses') return spread;
    context.addIssue({ code: 'custom', path: ['gateway', 'url'], message: TWO_ADDRESSES });
    return z.NEVER;
  }, writtenSchema)
  .transform(({ gateway, gateway_pool: { endpoints: listed }, ...rest }, context) => {
    const given = gateway === undefined ? listed : [{ ...gateway, priority: 1, weight: 1 }];
    // What fits through one endpoint must fit through all: it may be sent on any of them.
    const limit = Math.min(...given.map(({ max_message_bytes: bytes }) => bytes));
    const endpoints = given
      .map((endpoint) => ({ ...endpoint, max_message_bytes: limit }))
      .sort((one, other) => one.priority - other.priority);
    const [first] = endpoints;
    if (first === undefined) {
      context.addIssue({ code: 'custom', path: ['gateway', 'url'], message: 'is missing' });
      return z.NEVER;
    }
    return { ...rest, gateway: first, gateway_pool: { endpoints } };
  });

/** A valid configuration with every default filled in. */
export type RouterConfig = z.infer<typeof routerConfigSchema>;
/** One address, and how it is reached. */
export type GatewayConfig = RouterConfig['gateway'];
export type LocalConfig = RouterConfig['local'];
export type HttpDoorConfig = LocalConfig['http'];
export type LoggingConfig = RouterConfig['logging'];
export type BreakerConfig = RouterConfig['advanced']['circuit_breaker'];
export type MetricsConfig = RouterConfig['metrics'];
export type DetectionConfig = RouterConfig['security']['detection'];
