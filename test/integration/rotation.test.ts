import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { deferred } from '../support/deferred';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { emptyEnvironment, RouterProcess, TemporaryHome } from '../support/router-process';

const authority = createAuthority('Rotation authority');
const FIRST = 'rotation-token-first';
const SECOND = 'rotation-token-second';

/** The security guide's "Token Rotation", letter by letter. */
const GUIDE_SCRIPT = `#!/bin/bash
# Token rotation script
NEW_TOKEN=$(generate-new-token)
echo "$NEW_TOKEN" > ~/.mcp/token.new
chmod 600 ~/.mcp/token.new
mv ~/.mcp/token.new ~/.mcp/token
systemctl reload mcp-router
`;
const WITHOUT_RELOAD = GUIDE_SCRIPT.replace('systemctl reload mcp-router\n', '');

let home: TemporaryHome;
let gateway: Gateway;
let router: RouterProcess;

beforeEach(async () => {
  home = new TemporaryHome();
  home.write('ca.pem', authority.certificatePem, 0o644);
  mkdirSync(`${home.path}/.mcp`, { mode: 0o700 });
  mkdirSync(`${home.path}/bin`, { mode: 0o700 });
  home.write('.mcp/token', `${FIRST}\n`);
  gateway = await startGateway({
    tls: authority.issueServer({ hosts: ['localhost', '127.0.0.1'] }),
    auth: { kind: 'tokens', tokens: [FIRST, SECOND] },
    backend: echoBackend(),
    duplex: true,
  });
});

afterEach(async () => {
  await router.end();
  await gateway.stop();
  home.remove();
});

const configText = (more = '', auth = 'token_file: ~/.mcp/token'): string => `gateway:
  url: ${gateway.urlFor('localhost')}
  auth: { type: bearer, ${auth} }
  tls: { ca_cert_path: ${home.path}/ca.pem }
${more}`;

/** A bridge that has answered one request. */
async function start(more = ''): Promise<void> {
  const path = home.write('router.yaml', configText(more));
  router = new RouterProcess(home, { args: ['-c', path] });
  router.send({ jsonrpc: '2.0', id: 'first', method: 'ping' });
  await router.reply('first');
}

/** Replaces a file as careful programs do. */
function swap(name: string, text: string): void {
  const path = home.write(`${name}.new`, text);
  renameSync(path, `${home.path}/${name}`);
}

function standIn(name: string, lines: string): void {
  home.write(`bin/${name}`, `#!/bin/sh\n${lines}\n`);
  chmodSync(`${home.path}/bin/${name}`, 0o700);
}

async function runScript(text: string): Promise<void> {
  standIn('generate-new-token', `echo ${SECOND}`);
  standIn('systemctl', `[ "$*" = "reload mcp-router" ] && kill -HUP ${String(router.child.pid)}`);
  const path = home.write('rotate.sh', text);
  const PATH = `${home.path}/bin:${process.env['PATH'] ?? ''}`;
  await promisify(execFile)('bash', [path], { env: emptyEnvironment(home.path, { PATH }) });
}

const tokensUsed = (): readonly unknown[] =>
  gateway.recording.upgrades.map(({ headers }) => headers.authorization);
const said = (words: string): Promise<void> =>
  router.until(`${words}\n${router.stderr}`, () => router.stderr.includes(words));
const times = (words: string | RegExp): number => router.stderr.split(words).length - 1;

describe("SEC-73 the guide's rotation script", () => {
  it.each([
    ['literally, with reload and watching', GUIDE_SCRIPT, '', /configuration applied|credential changed/],
    [
      'literally, with reload alone',
      GUIDE_SCRIPT,
      'advanced: { watch_files: false }\n',
      'configuration applied',
    ],
    ['without its last line', WITHOUT_RELOAD, '', /credential changed/],
  ])(
    '%s: what is in flight is answered, and new requests use the new token',
    async (_, script, more, sign) => {
      const held = deferred();
      await start(more);
      gateway.faults.next({ kind: 'hold-reply', until: held.promise });
      router.send({ jsonrpc: '2.0', id: 'in flight', method: 'slow' });
      await gateway.until('in flight', ({ recording }) => recording.requests('slow').length === 1);
      const before = times(sign);
      await runScript(script);
      await router.until('the sign', () => times(sign) > before);
      router.send({ jsonrpc: '2.0', id: 'after', method: 'after' });
      held.resolve();
      expect(await router.reply('in flight')).toHaveProperty('result');
      expect(await router.reply('after')).toHaveProperty('result');
      const [request] = gateway.recording.requests('after');
      const upgrade = gateway.recording.upgrades.find(({ connection }) => connection === request?.connection);
      expect(upgrade?.headers.authorization).toBe(`Bearer ${SECOND}`);
      expect(router.lines).toHaveLength(3);
      expect(router.stderr + router.lines.join('\n')).not.toContain(SECOND);
    },
  );
});

describe('a changed file is taken into use by itself', () => {
  it('SEC-73 a token that cannot be used leaves open connections as they are, and a mended one is used', async () => {
    await start();
    swap('.mcp/token', '');
    await said('credential changed, but cannot be used');
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.reply(1)).toHaveProperty('result');
    expect(tokensUsed()).toEqual([`Bearer ${FIRST}`]);
    swap('.mcp/token', SECOND);
    await gateway.until('the new token', () => tokensUsed().includes(`Bearer ${SECOND}`));
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect(await router.reply(2)).toHaveProperty('result');
  });

  it('a new configuration is used, a bad one is told and leaves the last good one, the same one does nothing', async () => {
    await start();
    swap('router.yaml', 'gateway: [');
    await said('the last good one stays');
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.reply(1)).toHaveProperty('result');
    swap('router.yaml', `# a remark\n${configText()}`);
    swap('router.yaml', configText('local: { rate_limit: { requests_per_second: 0.001, burst: 1 } }\n'));
    await said('configuration applied');
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect(await router.reply(2)).toHaveProperty('result');
    router.send({ jsonrpc: '2.0', id: 3, method: 'ping' });
    expect(await router.reply(3)).toMatchObject({ error: { data: { code: 'rate-limited' } } });
    expect(times('configuration applied')).toBe(1);
  });

  it('a file that only the new configuration names is watched from then on', async () => {
    await start();
    home.write('other', FIRST);
    swap('router.yaml', configText('', `token_file: ${home.path}/other`));
    await said('configuration applied');
    swap('other', SECOND);
    await gateway.until('the new token', () => tokensUsed().includes(`Bearer ${SECOND}`));
  });

  it('a new authority is used for new connections', async () => {
    await start();
    swap('ca.pem', `${authority.certificatePem}${createAuthority('Next').certificatePem}`);
    await said('credential changed');
    await gateway.until('a new connection', ({ recording }) => recording.upgrades.length === 2);
  });

  it('nothing is, with watch_files off', async () => {
    await start('advanced: { watch_files: false }\n');
    swap('.mcp/token', SECOND);
    router.child.kill('SIGHUP');
    await said('configuration applied');
    expect(times('credential changed')).toBe(0);
  });
});
