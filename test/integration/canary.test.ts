import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, initialize } from '../support/attach-bench';
import { canary } from '../support/canary/canary';
import { CanaryDesk } from '../support/canary/canary-desk';
import { createAuthority } from '../support/certificates';
import { providerAuthority } from '../support/oauth-bench';
import { openKeyring } from '../support/open-keyring';
import { ProtectedServer } from '../support/protected-server';
import { startPeer, type Peer, type Reach } from '../support/reach/peers';
import { proofOf, type Credential, type Proof } from '../support/reach/proofs';
import { ScriptedBrowser } from '../support/scripted-browser';
import { TestProxy } from '../support/test-proxy';

const authority = createAuthority('Server authority');

let desk: CanaryDesk;
let owned: { stop(): Promise<void> }[];

const own = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
  owned.unshift(thing);
  return thing;
};

beforeEach(() => {
  desk = new CanaryDesk();
  owned = [];
});

afterEach(async () => {
  await desk.remove();
  for (const thing of owned) await thing.stop();
});

/** As in the matrix of reach-matrix.test.ts, all of it through a proxy with a password. */
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

async function peerFor(reach: Reach, { provider, demand }: Proof, credential: Credential): Promise<Peer> {
  if (credential !== 'authorization-code' || provider === undefined)
    return startPeer(reach, authority, demand);
  const server = await ProtectedServer.start(provider);
  return { url: server.url, lines: [], stop: () => server.stop() };
}

/** Signs the person in with a browser, into a real keyring; resolves with what finds it again. */
async function signedIn(config: string, env: Readonly<Record<string, string>>): Promise<void> {
  const command = desk.run(['sign-in', '--no-browser', '-c', config], env);
  const address = (): string | undefined =>
    /^https:\S+$/m.exec(command.stderr + command.lines.join('\n'))?.[0];
  await command.until('the address', () => address() !== undefined, 20_000);
  await new ScriptedBrowser(providerAuthority.certificatePem).signIn(address() ?? '');
  expect(await command.exited).toBe(0);
}

describe.skipIf(process.platform !== 'linux')('SEC-56 with canaries in every slot, nothing shows one', () => {
  it.each(cells)('over %s with %s', async (reach, credential) => {
    const password = canary('proxy-password');
    const proof = own(await proofOf(credential, desk.home));
    const peer = own(await peerFor(reach, proof, credential));
    const proxy = own(await TestProxy.start({ login: `ann:${password}` }));
    const pem = authority.certificatePem + providerAuthority.certificatePem;
    const passwordFile = desk.give('proxy-password', password);
    const config = desk.config([
      `url: ${peer.url}`,
      `auth: ${proof.auth}`,
      `tls: { ca_cert_path: ${desk.home.write('ca.pem', pem, 0o644)} }`,
      `proxy: { url: "${proxy.urlFor()}", username: ann, password_file: ${passwordFile} }`,
      ...peer.lines,
    ]);
    const keyring = await openKeyring(desk.home.path);
    own({ stop: () => keyring.end() });
    const env = { ...proof.variables, ...keyring.env };
    if (credential === 'authorization-code') await signedIn(config, env);
    await desk.serve(config, env);
    await desk.untilLogged(/"connection connected"/);
    const client = desk.run(['--attach-only']);
    client.send(initialize);
    expect(await client.reply(0)).toHaveProperty('result');
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.send({
      ...ask(1, 'tools/call'),
      params: { name: 'echo', arguments: { message: 'there and back' } },
    });
    expect(JSON.stringify(await client.reply(1))).toContain('there and back');
    await desk.scrape();
    await desk.command(['config', 'check', '-c', config], env);
    expect(desk.log()).toContain('"frame"');
    expect(await desk.leaks(proof.marks())).toEqual([]);
    expect(desk.openToOthers()).toEqual([]);
  });
});
