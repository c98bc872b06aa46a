import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority, type KeyedCertificate } from '../support/certificates';
import { CertificateDoor } from '../support/certificate-door';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { startOpensslServer } from '../support/openssl-server';
import { RecordedHttpServer } from '../support/recorded-http-server';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { runTokenCommand, type Ended } from '../support/token-command';

const DAY_MS = 86_400_000;
const authority = createAuthority('Server authority');
const clients = createAuthority('Client authority');
const client = (daysOld: number): KeyedCertificate =>
  clients.issueClient({
    commonName: `ada ${String(daysOld)}`,
    notBefore: new Date(Date.now() - daysOld * DAY_MS),
    notAfter: new Date(Date.now() + 100 * DAY_MS),
  });
const old = client(200);
const fresh = client(1);
const trim = (text: string): string => text.trimEnd();

let home: TemporaryHome;
let gateway: Gateway;
let door: CertificateDoor;
let router: RouterProcess | undefined;
let configPath: string;

beforeEach(async () => {
  home = new TemporaryHome();
  gateway = await startGateway({ backend: echoBackend(), duplex: true });
  door = await CertificateDoor.start(
    authority.issueServer({ hosts: ['localhost'] }),
    clients.certificatePem,
    () => gateway.port,
  );
  home.write('ca.pem', authority.certificatePem, 0o644);
  home.write('client.crt', old.certificatePem, 0o644);
  home.write('client.key', old.privateKeyPem);
  home.write('new.crt', fresh.certificatePem, 0o644);
  home.write('new.key', fresh.privateKeyPem);
  configPath = writeConfig();
});

afterEach(async () => {
  await router?.end();
  router = undefined;
  await door.stop();
  await gateway.stop();
  home.remove();
});

const path = (name: string): string => `${home.path}/${name}`;
const read = (name: string): string => readFileSync(path(name), 'utf8');

function writeConfig(auth = 'type: mtls', more = '', url = door.url): string {
  return home.write(
    'router.yaml',
    `gateway:
  url: ${url}
  auth: { ${auth}, client_cert: ${path('client.crt')}, client_key: ${path('client.key')} }
  tls: { ca_cert_path: ${path('ca.pem')} }
  connection: { reconnect: { initial_delay_ms: 10, max_delay_ms: 50 } }
${more}`,
  );
}

const token = (
  args: readonly string[],
  stdin = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => runTokenCommand(home, [...args, '-c', configPath], stdin, env);
const FILES = ['--certificate', 'new.crt', '--key', 'new.key'] as const;
const rotate = (env?: Readonly<Record<string, string>>): Promise<Ended> =>
  token(['rotate', ...FILES.map((one) => (one.startsWith('--') ? one : path(one)))], '', env);

function startRouter(): RouterProcess {
  router = new RouterProcess(home, { args: ['-c', configPath] });
  return router;
}

async function roundTrip(running: RouterProcess, id: string): Promise<void> {
  running.send({ jsonrpc: '2.0', id, method: 'ping' });
  expect(await running.reply(id)).toHaveProperty('result');
}

/** The pair that the two files hold. */
function pairInPlace(): 'old' | 'fresh' | 'neither' {
  const certificate = new X509Certificate(read('client.crt')).fingerprint256;
  for (const [name, pair] of [
    ['old', old],
    ['fresh', fresh],
  ] as const) {
    const isIt = certificate === new X509Certificate(pair.certificatePem).fingerprint256;
    if (isIt && trim(read('client.key')) === trim(pair.privateKeyPem)) return name;
  }
  return 'neither';
}

describe('token rotate --certificate --key', () => {
  it('SEC-49 proves the new pair, swaps both files, keeps the old pair (0600), and goes back', async () => {
    const running = startRouter();
    await roundTrip(running, 'before');
    const before = [read('client.crt'), read('client.key')];
    const rotated = await rotate();
    expect(rotated.stderr).toContain('Trying the new client certificate');
    expect(rotated).toMatchObject({ code: 0 });
    expect(rotated.stdout).toContain('token rollback --what certificate');
    expect(pairInPlace()).toBe('fresh');
    const modes = ['client.crt', 'client.key', 'client.key.previous'].map(
      (name) => statSync(path(name)).mode & 0o777,
    );
    expect(modes).toEqual([0o644, 0o600, 0o600]);
    expect(existsSync(path('client.key.next'))).toBe(false);
    await running.until('it is taken', () => running.stderr.includes('credential changed,'));
    await roundTrip(running, 'after');
    expect(door.hasSeen(fresh)).toBe(true);
    expect(rotated.stdout + rotated.stderr + running.stderr).not.toContain('PRIVATE KEY');

    expect(await token(['rollback', '--what', 'certificate'])).toMatchObject({ code: 0 });
    expect([read('client.crt'), read('client.key')]).toEqual(before);
    expect(existsSync(path('client.key.previous'))).toBe(false);
    expect(await token(['rollback', '--what', 'certificate'])).toMatchObject({ code: 1 });
  });

  it('SEC-49 changes nothing when the gateway refuses the new one, or cannot be asked', async () => {
    door.accept(old);
    const refused = await rotate();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/refuses the new client certificate.*Nothing was changed/);
    await door.stop();
    const untried = await rotate();
    expect(untried).toMatchObject({ code: 3 });
    expect(untried.stderr).toMatch(/could not be tried.*Nothing was changed/);
    expect([pairInPlace(), existsSync(path('client.key.previous'))]).toEqual(['old', false]);
    door = await CertificateDoor.start(
      authority.issueServer({ hosts: ['localhost'] }),
      clients.certificatePem,
      () => gateway.port,
    );
  });

  it('SEC-49 a refusal by an alert is one', async () => {
    const server = authority.issueServer({ hosts: ['localhost'] });
    home.write('server.pem', server.certificatePem + server.privateKeyPem);
    home.write('others.pem', createAuthority('Others').certificatePem);
    const [child, port] = await startOpensslServer(home.path);
    try {
      configPath = writeConfig('type: mtls', '', `wss://localhost:${String(port)}/`);
      const refused = await rotate();
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain('does not know its issuer');
      expect(pairInPlace()).toBe('old');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('goes together with a token, and each is rotated by itself', async () => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: ['token-one', 'token-two'] } });
    home.write('token', 'token-one');
    configPath = writeConfig(`type: bearer, token_file: ${path('token')}`);
    expect(await rotate()).toMatchObject({ code: 0 });
    expect(await token(['rotate'], 'token-two')).toMatchObject({ code: 0 });
    expect([pairInPlace(), trim(read('token'))]).toEqual(['fresh', 'token-two']);
    const ambiguous = await token(['rollback']);
    expect(ambiguous).toMatchObject({ code: 1 });
    expect(ambiguous.stderr).toMatch(/say which one: --what token \(.*\), or --what certificate \(.*\)/);
    expect(await token(['rollback', '--what', 'token'])).toMatchObject({ code: 0 });
    expect([pairInPlace(), trim(read('token'))]).toEqual(['fresh', 'token-one']);
  });

  it('set puts a checked pair in place without asking anybody, and delete takes everything away', async () => {
    door.accept(old);
    const args = FILES.map((one) => (one.startsWith('--') ? one : path(one)));
    expect(await token(['set', ...args])).toMatchObject({ code: 0 });
    expect([pairInPlace(), door.seen]).toEqual(['fresh', []]);
    expect(await token(['delete', '--what', 'certificate'])).toMatchObject({ code: 0 });
    expect(
      ['client.crt', 'client.key', 'client.key.previous'].filter((name) => existsSync(path(name))),
    ).toEqual([]);
  });

  it('list names the certificate, its end and its age, and says when it is old', async () => {
    configPath = writeConfig('type: mtls', 'security: { rotation_days: 90 }\n');
    const before = await token(['list']);
    expect(before.stdout).toMatch(
      /client\.crt +client certificate of "ada 200", ends 20\S+, issued 200 days ago +200 days old: rotate it/,
    );
    await rotate();
    const after = await token(['list']);
    expect(after.stdout).toMatch(/of "ada 1", .* issued 1 days ago +the one before is kept until /);
    expect(after.stdout).not.toContain('rotate it');
    expect(JSON.parse((await token(['list', '--json'])).stdout)).toMatchObject([
      { what: 'certificate', name: path('client.crt'), subject: 'ada 1' },
    ]);
  });
});

describe('what token rotate does not take', () => {
  it('SEC-49 a key that others can read, the key of another certificate, a missing file: exit code and reason', async () => {
    home.write('open.key', fresh.privateKeyPem, 0o644);
    const rotateFiles = (certificate: string, key: string): Promise<Ended> =>
      token(['rotate', '--certificate', path(certificate), '--key', path(key)]);
    const open = await rotateFiles('new.crt', 'open.key');
    expect(open).toMatchObject({ code: 2 });
    expect(open.stderr).toMatch(/Nothing was changed.*chmod 600/);
    const strange = await rotateFiles('new.crt', 'client.key');
    expect(strange).toMatchObject({ code: 1 });
    expect(strange.stderr).toContain('does not belong');
    expect((await rotateFiles('none.crt', 'new.key')).stderr).toContain('no file');
    expect([pairInPlace(), door.seen]).toEqual(['old', []]);
  });

  it('SEC-49 a wrong passphrase; with the right one the key is kept under the configured one', async () => {
    const pem = createPrivateKey(fresh.privateKeyPem)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary-typed' })
      .toString();
    home.write('new.key', pem);
    home.write('passphrase', 'canary-configured');
    configPath = writeConfig(`type: mtls, passphrase_file: ${path('passphrase')}`);
    const files = ['--certificate', path('new.crt'), '--key', path('new.key')];
    const wrong = await token(['rotate', ...files], 'canary-other');
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain('passphrase of');
    const right = await token(['rotate', ...files], 'canary-typed\n');
    expect(right).toMatchObject({ code: 0 });
    expect(read('client.key')).toContain('ENCRYPTED');
    await roundTrip(startRouter(), 'a');
    expect(door.hasSeen(fresh)).toBe(true);
    expect(wrong.stderr + right.stdout + right.stderr).not.toContain('canary');
  });
});

describe('SEC-50 the new certificate is refused within the overlap', () => {
  it('the old pair is in place again, no request fails, and it is said', async () => {
    await rotate();
    door.accept(old);
    const running = startRouter();
    await roundTrip(running, 'a');
    expect(pairInPlace()).toBe('old');
    expect(existsSync(path('client.key.previous'))).toBe(false);
    await running.until('it is said', () => running.stderr.includes('the old one is in use again'));
    expect(running.stderr).toContain(`"what":"certificate","name":"${path('client.crt')}"`);
  });

  it('the same over Streamable HTTP', async () => {
    const http = await RecordedHttpServer.start(({ method, body }, response) => {
      const id = /"id":("[^"]*"|\d+)/.exec(body)?.[1];
      if (method !== 'POST') response.writeHead(method === 'GET' ? 405 : 200).end();
      else if (id === undefined) response.writeHead(202).end();
      else {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
      }
    });
    const server = authority.issueServer({ hosts: ['localhost'] });
    const outer = await CertificateDoor.start(server, clients.certificatePem, () =>
      Number(new URL(http.urlFor('/mcp')).port),
    );
    try {
      configPath = writeConfig('type: mtls', '', `${outer.url.replace('wss:', 'https:')}mcp`);
      expect(await rotate()).toMatchObject({ code: 0 });
      // 400 is also what many MCP servers say to the question that opens a connection.
      outer.refusesWith = '403 Forbidden';
      outer.accept(old);
      await roundTrip(startRouter(), 'a');
      expect(pairInPlace()).toBe('old');
    } finally {
      await router?.end();
      await outer.stop();
      await http.stop();
    }
  });

  it('another process that still shows the new one takes the old one', async () => {
    const running = startRouter();
    await roundTrip(running, 'a');
    const second = new RouterProcess(home, { args: ['-c', configPath] });
    try {
      await roundTrip(second, 'a');
      await rotate();
      const taken = (one: RouterProcess): Promise<void> =>
        one.until('it is taken', () => one.stderr.includes('credential changed,'));
      await Promise.all([taken(running), taken(second)]);
      await Promise.all([roundTrip(running, 'b'), roundTrip(second, 'b')]);
      door.accept(old);
      const connected = (one: RouterProcess): number => one.stderr.split('connection connected').length;
      const before = [running, second].map(connected);
      await gateway.restart();
      for (const [at, one] of [running, second].entries()) {
        await one.until('it is back', () => connected(one) > (before[at] ?? 0));
      }
      await Promise.all([roundTrip(running, 'c'), roundTrip(second, 'c')]);
      expect(pairInPlace()).toBe('old');
    } finally {
      await second.end();
    }
  });

  it('and so is the old one: nothing is put back', async () => {
    await rotate();
    door.accept();
    const running = startRouter();
    running.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await running.reply(1)).toHaveProperty('error');
    expect(pairInPlace()).toBe('fresh');
  });
});

describe('SEC-51 a rotation that is killed', () => {
  it(
    'leaves at each moment what connects, and what the next command finishes',
    { timeout: 240_000 },
    async () => {
      const env = (at: number): Record<string, string> => ({
        KILL_AT: String(at),
        NODE_OPTIONS: `--require=${process.cwd()}/test/support/kill-at-step.cjs`,
      });
      const outcomes: string[] = [];
      for (let at = 1; ; at += 1) {
        home.write('client.crt', old.certificatePem, 0o644);
        home.write('client.key', old.privateKeyPem);
        const ended = await rotate(env(at));
        if (ended.code === 0) break;
        const inPlace = pairInPlace();
        outcomes.push(inPlace);
        const running = startRouter();
        await roundTrip(running, 'a');
        await running.end();
        await token(['list']);
        expect(pairInPlace(), `killed at moment ${String(at)}`).not.toBe('neither');
        expect(existsSync(path('client.key.next'))).toBe(false);
        // Half-written files hold keys.
        expect(readdirSync(home.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
        expect(outcomes.length).toBeLessThan(40);
      }
      // It was killed before, between and after the two files.
      expect(new Set(outcomes)).toEqual(new Set(['old', 'neither', 'fresh']));
    },
  );
});
