import { isIP } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';

import { createAddressGuard, isPublicAddress } from '../../../src/main/engine/auth/address-guard';
import { discoverResource, discoverServer } from '../../../src/main/engine/auth/oauth-discovery';
import type { OAuthHttp } from '../../../src/main/engine/auth/oauth-http';
import { oauthSettings } from '../../../src/main/engine/auth/oauth-settings';
import { requestToken, type Grant } from '../../../src/main/engine/auth/oauth-token';
import { Secret } from '../../../src/main/engine/auth/secret';
import { errorTable, RouterError } from '../../../src/shared/model/errors';
import { testConfig } from '../../support/engine-client';
import { holds, mutated, rawBytes, same } from '../bytes';
import { fuzzTarget } from '../target';

const SECRET = 'canary-secret';
/** Addresses of the public internet, so that nobody has to look a name up. */
const SERVER = new URL('https://93.184.215.14/mcp');
const ISSUER = 'https://93.184.215.15/tenant';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly challenge: string | null;
  readonly body: Buffer;
}

const words = [
  ...['"', '\\', '{', '}', '[', ']', ',', ':', 'null', '1e400', '-1', '0', '\\u0000', '\\r\\n', '\\ud800'],
  ...[
    '"__proto__":1,',
    '"error":"invalid_grant",',
    '"id_token":"x",',
    '"expires_in":"60",',
    'Bearer',
    'canary',
  ],
  ...[
    'https://',
    'http://',
    '127.0.0.1',
    '[::1]',
    '169.254.169.254',
    'user:pass@',
    '#',
    '?',
    '/..',
    '\ufeff',
  ],
  ...['"access_token":"",', '"token_type":"mac",', '"issuer":"x",', '"authorization_servers":"x",'],
];

const member = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>('Bearer', 'dpop', 60, -1, 1e300, '120', 'invalid_grant', 'S256', ['S256'], ISSUER),
  fc.constantFrom(
    SERVER.href,
    'https://10.0.0.1/',
    'https://[::1]/token',
    'http://93.184.215.15/',
    'https://u:p@x/',
  ),
);
const token = { access_token: 'abc', token_type: 'Bearer', expires_in: 60, refresh_token: 'r', scope: 'a b' };
const resource = { resource: SERVER.href, authorization_servers: [ISSUER], scopes_supported: ['mcp:read'] };
const issuer = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  revocation_endpoint: `${ISSUER}/revoke`,
  code_challenge_methods_supported: ['S256'],
  scopes_supported: ['mcp:read'],
};

/** Documents of that kind, most of them with a few members that are not as they should be. */
function documents(good: object): fc.Arbitrary<Buffer> {
  const names = fc.constantFrom(...Object.keys(good), 'error', 'id_token', '__proto__');
  const texts = fc
    .dictionary(names, member, { maxKeys: 2 })
    .map((changes) => Buffer.from(JSON.stringify({ ...good, ...changes })));
  return fc.oneof(
    { weight: 4, arbitrary: texts },
    { weight: 4, arbitrary: mutated(texts, words) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: rawBytes(60) },
  );
}

/** The bytes of a header as they come in. */
const challenges = mutated(
  fc.constantFrom(
    Buffer.from(`Bearer realm="x", resource_metadata="${SERVER.origin}/meta", scope="mcp:write"`),
    Buffer.from('Basic realm="a, b", Bearer scope=x, error="insufficient_scope"'),
    Buffer.from('Bearer resource_metadata="https://10.0.0.1/meta"'),
  ),
  ['"', '\\', ',', '=', 'Bearer ', 'scope=', 'resource_metadata=', 'https://', ' ', '\t'],
).map((bytes) => bytes.toString('latin1').replace(/[\0\r\n]/g, ''));

const answers = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<Answer> =>
  fc.record({
    status: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(200, 200, 200, 400, 401, 404) },
      fc.integer({ min: 206, max: 599 }).filter((status) => status !== 304),
    ),
    type: fc.constantFrom(
      'application/json',
      'application/json',
      'application/json;charset=x',
      'text/html',
      '',
    ),
    challenge: fc.option(challenges),
    body,
  });

/** Answers one after the other; the last one again and again. */
function answering(list: readonly Answer[]): OAuthHttp & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetch: (url) => {
      const answer = list[Math.min(asked.length, list.length - 1)];
      asked.push(url);
      if (answer === undefined) throw new Error('no answer');
      const headers = new Headers({ 'content-type': answer.type });
      if (answer.challenge !== null) headers.set('www-authenticate', answer.challenge);
      return Promise.resolve(new Response(new Uint8Array(answer.body), { status: answer.status, headers }));
    },
    close: () => Promise.resolve(),
  };
}

/** What comes of it; a failure must be a named one that repeats no secret of ours and nothing unprintable. */
async function outcome<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    holds(Object.hasOwn(errorTable, error.code), `no such error: ${error.code}`);
    holds(!error.message.includes('canary'), 'a secret or the answer is repeated');
    holds(!/[\u0000-\u001f\u007f]/.test(error.message), 'control characters are shown');
    return null;
  }
}

const { auth } = testConfig('wss://gateway.example/', {
  gateway: { auth: { type: 'oauth2', client_id: 'c', token_endpoint: `${ISSUER}/token` } },
}).gateway;
const settings = oauthSettings(auth);
const grants: readonly Grant[] = [
  { kind: 'client_credentials' },
  { kind: 'refresh_token', refreshToken: new Secret('canary-refresh') },
  { kind: 'password', username: 'ann', password: new Secret('canary-password') },
];

export const oauthTokenTarget = fuzzTarget({
  name: 'oauth-token',
  parser: 'the answer of a token endpoint',
  cases: fc.record({ grant: fc.nat(grants.length - 1), answer: answers(documents(token)) }),
  check: async ({ grant: index, answer }) => {
    const grant = grants[index] ?? { kind: 'client_credentials' };
    const http = answering([answer]);
    const found = await outcome(requestToken({ settings, clientSecret: new Secret(SECRET), grant, http }));
    same(http.asked.length, 1, 'requests');
    // Node frees a response in a turn of its own, which a real exchange always has.
    await nextTurn();
    if (found === null) return;
    same(answer.status, 200, 'the status of a token');
    holds(/^[\x21-\x7e]+$/.test(found.accessToken.reveal()), 'a token that no header can carry');
    const { lifetimeMs } = found;
    holds(lifetimeMs > 0 && lifetimeMs <= 365 * 24 * 3_600_000, `a lifetime of ${String(lifetimeMs)} ms`);
  },
});

const guard = createAddressGuard([SERVER]);

/** Only what a stranger's word may lead to: https, nothing of this network, no credential in it. */
function checkAddress(address: string): void {
  const { protocol, hostname, username, password } = new URL(address);
  same(protocol, 'https:', 'the protocol');
  same(username + password, '', 'a credential in an address');
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) holds(isPublicAddress(host), `an internal address: ${host}`);
}

export const oauthDiscoveryTarget = fuzzTarget({
  name: 'oauth-discovery',
  parser: 'the challenge and the metadata of a server, and of its identity provider',
  cases: fc.record({
    ofServer: fc.array(answers(documents(resource)), { minLength: 1, maxLength: 4 }),
    ofIssuer: fc.array(answers(documents(issuer)), { minLength: 1, maxLength: 3 }),
  }),
  check: async ({ ofServer, ofIssuer }) => {
    const server = answering(ofServer);
    const protectedBy = await outcome(discoverResource(SERVER, { http: server, guard: await guard }));
    holds(server.asked.length <= 4, 'asked more than four times');
    for (const url of server.asked) same(new URL(url).origin, SERVER.origin, 'who is asked');
    if (protectedBy !== null) same(new URL(protectedBy.resource).origin, SERVER.origin, 'the resource');
    // Whatever the metadata named, and the one that its answers are made for.
    for (const name of new Set([...(protectedBy?.issuers ?? []).slice(0, 2), ISSUER])) {
      const provider = answering(ofIssuer);
      const found = await outcome(discoverServer(name, { http: provider, guard: await guard }));
      holds(provider.asked.length <= 3, 'asked more than three times');
      for (const url of provider.asked) checkAddress(url);
      if (found === null) continue;
      same(found.issuer, name, 'the issuer');
      const { registration_endpoint: registration, revocation_endpoint: revocation } = found;
      const addresses = [found.authorization_endpoint, found.token_endpoint, registration, revocation];
      for (const address of addresses) if (address !== undefined) checkAddress(address);
    }
  },
});
