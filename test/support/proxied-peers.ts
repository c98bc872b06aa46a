import { createAuthority } from './certificates';
import { echoBackend } from './gateway/backend-function';
import { startGateway } from './gateway/gateway';
import { startHttpFrontend } from './gateway/http-frontend';
import { startTcpGateway } from './gateway/tcp-gateway';
import { SdkServer } from './sdk-server';

/** A name that no resolver knows: only the proxy of a test does. */
export const HIDDEN_HOST = 'gateway.invalid';
/** What the gateways want. */
export const TOKEN = 'gateway-token-0123456789';

const authority = createAuthority('Gateway authority');
export const gatewayAuthorityPem = authority.certificatePem;
const certificate = authority.issueServer({ hosts: [HIDDEN_HOST] });

/** The other side of one transport, with TLS and a token, reachable through a proxy alone. */
export interface ProxiedPeer {
  readonly url: string;
  /** Below `gateway`. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** All headers that reached it, as text. */
  headers(): string;
  stop(): Promise<void>;
}

/** One for each transport. */
export const peerKinds: Readonly<Record<string, () => Promise<ProxiedPeer>>> = {
  WebSocket: async () => {
    const auth = { kind: 'tokens' as const, tokens: [TOKEN] };
    const gateway = await startGateway({ backend: echoBackend(), tls: certificate, auth });
    return {
      url: gateway.urlFor(HIDDEN_HOST),
      keys: {},
      headers: () => JSON.stringify(gateway.recording.upgrades),
      stop: () => gateway.stop(),
    };
  },
  TCP: async () => {
    const settings = { mode: 'documented' as const, tls: certificate, tokens: [TOKEN] };
    const gateway = await startTcpGateway({ backend: echoBackend(), ...settings });
    return { url: gateway.urlFor(HIDDEN_HOST), keys: {}, headers: () => '', stop: () => gateway.stop() };
  },
  'Streamable HTTP': async () => {
    const sdk = await SdkServer.start({
      hasSessions: true,
      answersJson: false,
      certificate,
      token: () => TOKEN,
    });
    return {
      url: sdk.http.urlFor('/mcp', HIDDEN_HOST),
      keys: {},
      headers: () => JSON.stringify(sdk.http.requests.map(({ headers }) => headers)),
      stop: () => sdk.stop(),
    };
  },
  'gateway-http': async () => {
    const auth = { kind: 'tokens' as const, tokens: [TOKEN] };
    const frontend = await startHttpFrontend({ backend: echoBackend(), auth, certificate });
    return {
      url: frontend.urlFor('/', HIDDEN_HOST),
      keys: { transport: 'gateway-http' },
      headers: () => JSON.stringify(frontend.requests.map(({ headers }) => headers)),
      stop: () => frontend.stop(),
    };
  },
};
