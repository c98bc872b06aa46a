import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { startPeer, type Demand, type Peer, type Reach } from '../support/reach/peers';
import { roundTrip } from '../support/reach/round-trip';
import { TemporaryHome } from '../support/router-process';

const authority = createAuthority('Server authority');
const clients = createAuthority('Client authority');
const TOKEN = 'matrix-token-0123456789';

/** How the router proves who it is: what the other side demands, and the lines and variables that satisfy it. */
interface Proof {
  readonly demand: Demand;
  readonly auth: string;
  readonly variables: Readonly<Record<string, string>>;
}

type Credential = 'bearer' | 'mtls';

let home: TemporaryHome;
let peer: Peer | undefined;
const results: string[] = [];

beforeEach(() => {
  home = new TemporaryHome();
});

afterEach(async () => {
  await peer?.stop();
  peer = undefined;
  home.remove();
});

afterAll(() => {
  const title = 'Ways to reach the other side, each with a client of the SDK and TLS:';
  process.stdout.write(`\n${title}\n${results.join('\n')}\n\n`);
});

const proofs: Readonly<Record<Credential, () => Proof>> = {
  bearer: () => ({
    demand: { auth: { kind: 'tokens', tokens: [TOKEN] }, clientAuthorityPem: null },
    auth: '{ type: bearer, token_env: MY_TOKEN }',
    variables: { MY_TOKEN: TOKEN },
  }),
  mtls: () => {
    const pair = clients.issueClient({ commonName: 'router' });
    const certificate = home.write('client.pem', pair.certificatePem, 0o644);
    const key = home.write('client.key', pair.privateKeyPem);
    return {
      demand: { auth: { kind: 'none' }, clientAuthorityPem: clients.certificatePem },
      auth: `{ type: mtls, client_cert: ${certificate}, client_key: ${key} }`,
      variables: {},
    };
  },
};

const cells: readonly (readonly [Reach, Credential])[] = [
  ['websocket', 'bearer'],
  ['websocket', 'mtls'],
  ['tcp-wrapper', 'bearer'],
  ['tcp-initialize', 'bearer'],
  ['tcp-wrapper', 'mtls'],
  ['streamable-http', 'bearer'],
  ['streamable-http', 'mtls'],
  ['gateway-http', 'bearer'],
  ['gateway-http', 'mtls'],
];

describe('a client of the SDK through mcp-router and TLS to a real server', () => {
  it.each(cells)('over %s with %s', async (reach, credential) => {
    const proof = proofs[credential]();
    peer = await startPeer(reach, authority, proof.demand);
    const lines = [
      'gateway:',
      `  url: ${peer.url}`,
      `  auth: ${proof.auth}`,
      `  tls: { ca_cert_path: ${home.write('ca.pem', authority.certificatePem, 0o644)} }`,
      ...peer.lines.map((line) => `  ${line}`),
    ];
    const config = home.write('router.yaml', `${lines.join('\n')}\n`);
    const { server, toolCount, echo } = await roundTrip(home, config, proof.variables);
    expect(server).not.toBe('');
    expect(toolCount).toBeGreaterThan(5);
    expect(echo).toContain('there and back');
    results.push(`  ${reach.padEnd(18)}${credential.padEnd(22)}${server}, ${String(toolCount)} tools`);
  });
});
