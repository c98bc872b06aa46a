import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { keyring, onSessionBus } from '../support/keyring-session';
import { providerAuthority } from '../support/oauth-bench';
import { ProtectedServer } from '../support/protected-server';
import { startPeer, type Peer, type Reach } from '../support/reach/peers';
import { proofOf, type Credential, type Proof } from '../support/reach/proofs';
import { roundTrip, type Start } from '../support/reach/round-trip';
import { TemporaryHome } from '../support/router-process';
import { ScriptedBrowser } from '../support/scripted-browser';
import { TestProxy } from '../support/test-proxy';

const CLI = 'out/cli/mcp-router.js';
const authority = createAuthority('Server authority');

let home: TemporaryHome;
let owned: { stop(): Promise<void> }[];
const results: string[] = [];

const own = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
  owned.unshift(thing);
  return thing;
};

beforeEach(() => {
  home = new TemporaryHome();
  owned = [];
});

afterEach(async () => {
  for (const thing of owned) await thing.stop();
  home.remove();
});

afterAll(() => {
  const title = 'Ways to reach the other side, each walked by a client of the SDK, with TLS:';
  process.stdout.write(`\n${title}\n${[...results, ...impossible].join('\n')}\n\n`);
});

/** Cells that there are none of, and why. */
const impossible = [
  '  websocket, tcp    authorization-code    none: a gateway has no metadata that names its identity provider',
  '  tcp-initialize    mtls                  none: with a certificate there is no token for the sign-in; see tcp-wrapper',
  '  gateway-http      OAuth2                as bearer: the gateway takes the token from the same header (oauth-transports)',
];

const cells: readonly (readonly [Reach, Credential])[] = [
  ['websocket', 'bearer'],
  ['websocket', 'client-credentials'],
  ['websocket', 'mtls'],
  ['tcp-wrapper', 'bearer'],
  ['tcp-initialize', 'bearer'],
  ['tcp-wrapper', 'mtls'],
  ['streamable-http', 'bearer'],
  ['streamable-http', 'client-credentials'],
  ['streamable-http', 'authorization-code'],
  ['streamable-http', 'mtls'],
  ['gateway-http', 'bearer'],
  ['gateway-http', 'mtls'],
];

/** A server that takes signed-in persons has to say where they sign in. */
async function peerFor(reach: Reach, { provider, demand }: Proof, credential: Credential): Promise<Peer> {
  if (credential !== 'authorization-code' || provider === undefined)
    return startPeer(reach, authority, demand);
  const server = await ProtectedServer.start(provider);
  return { url: server.url, lines: [], stop: () => server.stop() };
}

/** The person signs in with a browser while the router is started; tokens go through a real keyring. */
function signedInStart(config: string): Start {
  const run = `${process.execPath} ${CLI}`;
  const line = `${keyring.unlocked} ${run} sign-in --no-browser -c ${config} >&2; exec ${run} -c ${config}`;
  let isOpen = false;
  return {
    command: onSessionBus(home.path, line),
    variables: {},
    onStderr: (text) => {
      const address = /^https:\S+$/m.exec(text)?.[0];
      if (address === undefined || isOpen) return;
      isOpen = true;
      void new ScriptedBrowser(providerAuthority.certificatePem).signIn(address);
    },
  };
}

describe.each(['directly', 'through a proxy'])(
  'a client of the SDK through mcp-router and TLS, %s',
  (way) => {
    it.each(cells)('over %s with %s', async (reach, credential) => {
      const proof = own(await proofOf(credential, home));
      const peer = own(await peerFor(reach, proof, credential));
      const proxy = way === 'directly' ? undefined : own(await TestProxy.start({ login: 'ann:pass' }));
      const pem = authority.certificatePem + providerAuthority.certificatePem;
      const lines = [
        'gateway:',
        `  url: ${peer.url}`,
        `  auth: ${proof.auth}`,
        `  tls: { ca_cert_path: ${home.write('ca.pem', pem, 0o644)} }`,
        ...(proxy === undefined
          ? []
          : [`  proxy: { url: "${proxy.urlFor()}", username: ann, password_env: PROXY_PASSWORD }`]),
        ...peer.lines.map((line) => `  ${line}`),
      ];
      const config = home.write('router.yaml', `${lines.join('\n')}\n`);
      const start: Start =
        credential === 'authorization-code'
          ? signedInStart(config)
          : { command: [process.execPath, CLI, '--config', config], variables: proof.variables };
      const variables = { ...start.variables, PROXY_PASSWORD: 'pass' };
      const { server, toolCount, echo } = await roundTrip(home, { ...start, variables });
      expect(server).not.toBe('');
      expect(toolCount).toBeGreaterThan(5);
      expect(echo).toContain('there and back');
      if (proxy !== undefined) expect(proxy.requests.length).toBeGreaterThan(0);
      const cell = `  ${reach.padEnd(18)}${credential.padEnd(22)}${way.padEnd(18)}`;
      results.push(`${cell}${server}, ${String(toolCount)} tools`);
    });
  },
);
