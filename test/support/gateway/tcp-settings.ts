import type { Backend } from './backend';
import type { GatewayTls } from './settings';

/**
 * Which TCP peer it is (gateway-protocol 2.4 to 2.6). `live`: the frontend of the shipped gateway, but without its
 * crash. `documented`: negotiation, sign-in and health checks as the gateway's documents have them. `go-router`: what
 * the Go router expects to find.
 */
export type TcpMode = 'live' | 'documented' | 'go-router';

/** How a TCP gateway is to behave. */
export interface TcpGatewayOptions {
  readonly mode?: TcpMode;
  readonly tls?: GatewayTls;
  /** Who may talk; without it everybody. `live` then reads them from the wrapper, which the shipped one does not. */
  readonly tokens?: readonly string[];
  /** Serves every namespace with one session per connection. */
  readonly backend?: Backend;
  readonly encoding?: 'go' | 'raw';
  /** Servers may send requests and notifications. Not in any Go program. */
  readonly duplex?: boolean;
  /** The version that an offer is answered with; `none`: no version in common; null: no answer at all. */
  readonly agreedVersion?: number | 'none' | null;
  /** Whether health checks are answered; the shipped gateway ignores them. */
  readonly answersHealthChecks?: boolean;
}

/** Options with every default filled in. */
export type TcpGatewaySettings = Required<Omit<TcpGatewayOptions, 'tls' | 'tokens' | 'backend'>> & {
  readonly tls: GatewayTls | null;
  readonly tokens: readonly string[] | null;
  readonly backend: Backend | null;
};

/** Fills in the defaults. */
export function tcpGatewaySettings(options: TcpGatewayOptions): TcpGatewaySettings {
  const { mode = 'live', tls, tokens, backend, ...rest } = options;
  return {
    mode,
    encoding: 'go',
    duplex: false,
    agreedVersion: mode === 'live' ? null : 1,
    answersHealthChecks: mode !== 'live',
    ...rest,
    tls: tls ?? null,
    tokens: tokens ?? null,
    backend: backend ?? null,
  };
}
