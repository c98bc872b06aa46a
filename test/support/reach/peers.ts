import type { Authority, KeyedCertificate } from '../certificates';
import { authenticate, type GatewayAuth } from '../gateway/authenticate';
import type { Backend } from '../gateway/backend';
import { startGateway } from '../gateway/gateway';
import { startHttpFrontend } from '../gateway/http-frontend';
import { startTcpGateway } from '../gateway/tcp-gateway';
import { SdkServer } from '../sdk-server';

/** What the other side demands of whoever connects. */
export interface Demand {
  readonly auth: GatewayAuth;
  /** Of the certificates that are accepted; null: none is asked for. */
  readonly clientAuthorityPem: string | null;
}

/** A real server with TLS that lets nobody in who does not prove who they are. */
export interface Peer {
  readonly url: string;
  /** Lines of the `gateway` block beyond address, credential and trust. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** The ways to reach the other side, each with the server that stands there. */
export type Reach = 'websocket' | 'tcp-wrapper' | 'tcp-initialize' | 'streamable-http' | 'gateway-http';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const everything: Backend = { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] };

/** Starts the peer of one cell; it listens on `localhost`. */
export function startPeer(reach: Reach, authority: Authority, demand: Demand): Promise<Peer> {
  const identity = authority.issueServer({ hosts: ['localhost'] });
  const { clientAuthorityPem } = demand;
  const tls = clientAuthorityPem === null ? identity : { ...identity, clientAuthorityPem };
  return starters[reach](tls, demand);
}

type Tls = KeyedCertificate & { readonly clientAuthorityPem?: string };

const starters: Readonly<Record<Reach, (tls: Tls, demand: Demand) => Promise<Peer>>> = {
  websocket: async (tls, { auth }) => {
    const gateway = await startGateway({ tls, auth, backend: everything, duplex: true });
    return { url: gateway.urlFor('localhost'), lines: [], stop: () => gateway.stop() };
  },
  'tcp-wrapper': async (tls, { auth }) => {
    const own = { mode: 'live', duplex: true, agreedVersion: 1, ...tokensOf(auth) } as const;
    const gateway = await startTcpGateway({ tls, backend: everything, ...own });
    const lines = ['tcp: { negotiate: required, token_in: wrapper }'];
    return { url: gateway.urlFor('localhost'), lines, stop: () => gateway.stop() };
  },
  'tcp-initialize': async (tls, { auth }) => {
    const gateway = await startTcpGateway({
      tls,
      backend: everything,
      mode: 'documented',
      ...tokensOf(auth),
    });
    return { url: gateway.urlFor('localhost'), lines: [], stop: () => gateway.stop() };
  },
  'streamable-http': async (tls, { auth }) => {
    const sdk = await SdkServer.start({
      hasSessions: true,
      answersJson: false,
      certificate: tls,
      refuse: async ({ headers }) =>
        (await isAdmitted(auth, headers.authorization)) ? null : { status: 401, challenge: 'Bearer' },
    });
    return { url: sdk.http.urlFor('/mcp', 'localhost'), lines: [], stop: () => sdk.stop() };
  },
  'gateway-http': async (tls, { auth }) => {
    const server = await startHttpFrontend({ certificate: tls, auth, backend: everything });
    const lines = ['transport: gateway-http'];
    return { url: server.urlFor('/', 'localhost'), lines, stop: () => server.stop() };
  },
};

const isAdmitted = async (auth: GatewayAuth, header: string | undefined): Promise<boolean> =>
  (await authenticate(auth, header, new Date())).kind === 'accepted';

/** The documented TCP handler knows opaque tokens only; without any it lets in whoever TLS lets in. */
const tokensOf = (auth: GatewayAuth): { tokens?: readonly string[] } =>
  auth.kind === 'tokens' ? { tokens: auth.tokens } : {};
