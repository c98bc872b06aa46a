import type { SecureVersion } from 'node:tls';
import type { GatewayAuth } from './authenticate';
import type { Backend } from './backend';
import type { RecordedMessage } from './recording';

/** How a gateway is to behave. Everything has the real gateway's default, except that nobody need authenticate. */
export interface GatewayOptions {
  /** 0, the default, takes a free one and keeps it over restarts. */
  readonly port?: number;
  /** `/` matches every path, anything else exactly. */
  readonly path?: string;
  readonly auth?: GatewayAuth;
  readonly tls?: GatewayTls;
  /** Serves the namespaces `default` and `system` with one session per connection, as operators set it up. */
  readonly backend?: Backend;
  /** Further namespaces, or other ones for `default` and `system`. */
  readonly namespaces?: Readonly<Record<string, Backend>>;
  /** `go` decodes and writes every message again as the real gateway does; `raw` passes bytes through. */
  readonly encoding?: 'go' | 'raw';
  /** `faithful` answers them with an error of null id; `strict` never does. Default `faithful`, in duplex `strict`. */
  readonly notifications?: 'faithful' | 'strict';
  /** Servers may send requests and notifications, and messages are handled concurrently. Not in the real gateway. */
  readonly duplex?: boolean;
  readonly maxConnections?: number;
  readonly maxMessageBytes?: number;
  readonly pingIntervalMs?: number;
  /** Empty accepts every origin. */
  readonly allowedOrigins?: readonly string[];
  /** The time that tokens are judged by. */
  readonly now?: () => Date;
  /** `nothing` leaves the recording empty, for gateways that run for long. */
  readonly remembers?: 'everything' | 'nothing';
  /** Told of each message before it is handled. */
  readonly onMessage?: (message: RecordedMessage) => void;
}

export interface GatewayTls {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Default TLSv1.2. */
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** In Node's form. */
  readonly ciphers?: string;
  /** Demands a client certificate of this authority. Not in the real gateway. */
  readonly clientAuthorityPem?: string;
}

/** Options with every default filled in. */
export type GatewaySettings = Required<Omit<GatewayOptions, 'backend' | 'namespaces' | 'tls'>> & {
  readonly tls: GatewayTls | null;
  readonly namespaces: ReadonlyMap<string, Backend>;
};

const MIB = 1024 * 1024;

/** Fills in the defaults. */
export function gatewaySettings(options: GatewayOptions): GatewaySettings {
  const { backend, namespaces = {}, tls, ...rest } = options;
  const isDuplex = options.duplex ?? false;
  const usual: Readonly<Record<string, Backend>> =
    backend === undefined ? {} : { default: backend, system: backend };
  return {
    port: 0,
    path: '/',
    auth: { kind: 'none' },
    encoding: 'go',
    notifications: isDuplex ? 'strict' : 'faithful',
    duplex: isDuplex,
    maxConnections: 10_000,
    maxMessageBytes: MIB,
    pingIntervalMs: 30_000,
    allowedOrigins: [],
    now: () => new Date(),
    remembers: 'everything',
    onMessage: () => undefined,
    ...rest,
    tls: tls ?? null,
    namespaces: new Map(Object.entries({ ...usual, ...namespaces })),
  };
}
