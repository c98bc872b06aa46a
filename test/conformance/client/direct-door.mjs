// @ts-check
import {
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  InsufficientScopeError,
} from '@modelcontextprotocol/client';
import { isService, METADATA_CLIENT } from './router-door.mjs';

/** Where nobody listens: the suite's pages only redirect there. */
const REDIRECT = 'http://127.0.0.1:9/callback';

/**
 * The SDK's client by itself.
 * @type {import('./router-door.mjs').OpenDoor}
 */
export async function directDoor(address, task) {
  const { client_id: clientId = '', client_secret: clientSecret = '' } = task.context;
  const provider = isService(task)
    ? new ClientCredentialsProvider({ clientId, clientSecret })
    : new Provider(task.context);
  /** @type {StreamableHTTPClientTransport | undefined} */
  let last;
  return Promise.resolve({
    transport: () => {
      last = new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
      return Promise.resolve(last);
    },
    wantsSignIn: (error) => error instanceof UnauthorizedError || error instanceof InsufficientScopeError,
    signIn: async () => {
      const page = provider instanceof Provider ? provider.page : undefined;
      if (page === undefined) throw new Error('no page to sign in at');
      const { headers } = await globalThis.fetch(page, { redirect: 'manual' });
      await last?.finishAuth(new URL(headers.get('location') ?? '').searchParams);
    },
    close: () => Promise.resolve(),
  });
}

/** What the SDK wants to be kept for a person. */
class Provider {
  /** @type {URL | undefined} */
  page;
  clientMetadataUrl = METADATA_CLIENT;
  redirectUrl = REDIRECT;
  clientMetadata = { redirect_uris: [REDIRECT], client_name: 'conformance-client' };
  #client;
  #tokens = /** @type {import('@modelcontextprotocol/client').StoredOAuthTokens | undefined} */ (undefined);
  #verifier = '';
  #discovery = /** @type {import('@modelcontextprotocol/client').OAuthDiscoveryState | undefined} */ (
    undefined
  );

  /** @param {import('./exercise.mjs').Context} context */
  constructor({ client_id: id, client_secret: secret }) {
    this.#client =
      /** @type {import('@modelcontextprotocol/client').StoredOAuthClientInformation | undefined} */ (
        id === undefined
          ? undefined
          : { client_id: id, ...(secret !== undefined && { client_secret: secret }) }
      );
  }

  clientInformation() {
    return this.#client;
  }

  /** @param {import('@modelcontextprotocol/client').StoredOAuthClientInformation} client */
  saveClientInformation(client) {
    this.#client = client;
  }

  tokens() {
    return this.#tokens;
  }

  /** @param {import('@modelcontextprotocol/client').StoredOAuthTokens} tokens */
  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  /** @param {URL} page */
  redirectToAuthorization(page) {
    this.page = page;
  }

  /** @param {string} verifier */
  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }

  discoveryState() {
    return this.#discovery;
  }

  /** @param {import('@modelcontextprotocol/client').OAuthDiscoveryState} state */
  saveDiscoveryState(state) {
    this.#discovery = state;
  }
}
