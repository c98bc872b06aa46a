import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { signIn, type SignedIn } from '../../src/main/engine/auth/oauth-sign-in';
import { enginePorts, testConfig } from '../support/engine-client';
import { IdentityProvider } from '../support/identity-provider';
import { PROVIDER_CA, providerAuthority, providerTls } from '../support/oauth-bench';
import { ScriptedBrowser } from '../support/scripted-browser';

let provider: IdentityProvider;
let server: Server;
/** Where the remote MCP server is. */
let origin: string;
/** What it answers by path; everything else is a challenge. */
let documents: Map<string, unknown>;
let challenge: string;
/** Some servers refuse a GET before they look at the credential. */
let answersGet: boolean;
let asked: string[];

const answer: RequestListener = (request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const document = documents.get(path);
  if (path === '/mcp' && request.method === 'GET' && !answersGet) {
    response.writeHead(405).end();
  } else if (document === undefined) {
    response.writeHead(path.startsWith('/.well-known') ? 404 : 401, { 'www-authenticate': challenge }).end();
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  }
};

beforeEach(async () => {
  provider = await IdentityProvider.start({ tls: providerTls });
  server = createServer({ cert: providerTls.certificatePem, key: providerTls.privateKeyPem }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on a port has no other address
  origin = `https://localhost:${String(port)}`;
  documents = new Map();
  challenge = 'Bearer';
  answersGet = true;
  asked = [];
});

afterEach(async () => {
  await provider.stop();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const metadata = (fields: object = {}): object => ({
  resource: `${origin}/mcp`,
  authorization_servers: [provider.issuer],
  scopes_supported: ['mcp:read'],
  ...fields,
});

function signInAt(
  path = '/mcp',
  keys: object = {},
): { readonly done: Promise<SignedIn>; readonly opened: URL[] } {
  const opened: URL[] = [];
  const browser = new ScriptedBrowser(providerAuthority.certificatePem);
  const config = testConfig(`${origin.replace('https', 'wss')}${path}`, {
    gateway: {
      auth: { type: 'oauth2', grant_type: 'authorization_code', tls: { ca_cert_path: PROVIDER_CA }, ...keys },
      tls: { ca_cert_path: PROVIDER_CA },
    },
  });
  const ports = enginePorts({
    files: { [PROVIDER_CA]: { kind: 'found', value: providerAuthority.certificatePem } },
  });
  const done = signIn({
    config,
    ports,
    signal: new AbortController().signal,
    openUrl: async (url) => {
      opened.push(new URL(url));
      await browser.signIn(url);
    },
  });
  return { done, opened };
}

describe('finding the identity provider of a server', () => {
  it('follows the challenge of the server, and asks for its scopes and its resource', async () => {
    challenge = `Bearer realm="x", resource_metadata="${origin}/meta", scope="mcp:write"`;
    documents.set('/meta', metadata());
    const { done, opened } = signInAt();
    expect(await done).toMatchObject({ issuer: provider.issuer });
    expect(opened[0]?.searchParams.get('resource')).toBe(`${origin}/mcp`);
    expect(opened[0]?.searchParams.get('scope')).toContain('mcp:write');
    expect(asked).toEqual(['/mcp', '/meta']);
  });

  it('follows the challenge to a POST where a GET is not even looked at', async () => {
    answersGet = false;
    challenge = `Bearer resource_metadata="${origin}/meta"`;
    documents.set('/meta', metadata());
    expect(await signInAt().done).toMatchObject({ issuer: provider.issuer });
    expect(asked).toEqual(['/mcp', '/mcp', '/meta']);
  });

  it.each([
    ['with the path', '/.well-known/oauth-protected-resource/mcp'],
    ['at the root', '/.well-known/oauth-protected-resource'],
  ])('looks at the well-known place %s', async (_where, place) => {
    documents.set(place, metadata());
    expect(await signInAt().done).toMatchObject({ issuer: provider.issuer });
  });

  it('accepts metadata about a part of the path that holds the address', async () => {
    documents.set('/.well-known/oauth-protected-resource', metadata({ resource: origin }));
    const { done, opened } = signInAt('/mcp/deep');
    await done;
    expect(opened[0]?.searchParams.get('resource')).toBe(origin);
  });

  const about: readonly [string, object][] = [
    ['another host', { resource: 'https://evil.example/mcp' }],
    ['another path', { resource: 'ORIGIN/other' }],
    ['nothing', { resource: undefined }],
  ];
  it.each(about)('SEC-47 refuses metadata about %s', async (_what, fields) => {
    const text = JSON.stringify(metadata(fields)).replace('ORIGIN', origin);
    documents.set('/.well-known/oauth-protected-resource', JSON.parse(text));
    const { done, opened } = signInAt();
    await expect(done).rejects.toMatchObject({ code: 'oauth-misbehaved' });
    expect(opened).toEqual([]);
  });

  it('SEC-47 refuses metadata from another host', async () => {
    challenge = `Bearer resource_metadata="${provider.issuer}/meta"`;
    await expect(signInAt().done).rejects.toMatchObject({ code: 'oauth-misbehaved' });
  });

  const issuers: readonly [string, object][] = [
    ['that names another issuer', { issuer: 'https://evil.example' }],
    ['without PKCE', { code_challenge_methods_supported: ['plain'] }],
    ['without endpoints', { token_endpoint: undefined }],
    ['with a plain endpoint', { token_endpoint: 'http://evil.example/token' }],
    ['with an address that is a script', { authorization_endpoint: 'javascript:alert(1)' }],
  ];
  it.each(issuers)('SEC-47 refuses an identity provider %s', async (_which, fields) => {
    documents.set('/.well-known/oauth-protected-resource', metadata({ authorization_servers: [origin] }));
    documents.set('/.well-known/oauth-authorization-server', {
      issuer: origin,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      code_challenge_methods_supported: ['S256'],
      ...fields,
    });
    const { done, opened } = signInAt('/mcp', { client_id: 'c' });
    await expect(done).rejects.toMatchObject({ name: 'RouterError' });
    expect(opened).toEqual([]);
  });

  it('says what to do when clients cannot register by themselves', async () => {
    documents.set('/.well-known/oauth-protected-resource', metadata({ authorization_servers: [origin] }));
    documents.set('/.well-known/openid-configuration', {
      issuer: origin,
      authorization_endpoint: `${origin}/auth`,
      token_endpoint: `${origin}/token`,
      code_challenge_methods_supported: ['S256'],
    });
    await expect(signInAt().done).rejects.toThrow('set gateway.auth.client_id');
    await expect(signInAt('/mcp', { client_id: 'https://c.example/client.json' }).done).rejects.toThrow(
      'does not take an address',
    );
  });
});
