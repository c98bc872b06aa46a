import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createCredentialFiles } from '../../../src/main/platform/credential-files';
import { createMachine } from '../../../src/main/platform/machine';
import { createAuthority, type KeyedCertificate } from '../../support/certificates';
import { pkcs12 } from '../../support/pkcs12';
import { ownUid, useTemporaryHome } from './temporary-home';
import { containing } from './text-matchers';

const DAY = 86_400_000;
const authority = createAuthority('Test authority');
const client = (notAfterDays: number, notBeforeDays = -300): KeyedCertificate =>
  authority.issueClient({
    commonName: 'ada',
    notBefore: new Date(Date.now() + notBeforeDays * DAY),
    notAfter: new Date(Date.now() + notAfterDays * DAY),
  });

describe.skipIf(process.platform === 'win32')('config check with a client certificate', () => {
  const home = useTemporaryHome();

  async function check(
    gateway: string,
    env: Record<string, string> = {},
  ): Promise<{ readonly exitCode: number; readonly text: string }> {
    await home.write('c.yaml', `gateway:\n  url: wss://gateway.example.com/\n${gateway}`);
    const facts = { platform: process.platform, env, home: home.path(), cwd: home.path(), uid: ownUid };
    return createMachine(facts).checkConfig(join(home.path(), 'c.yaml'));
  }

  async function checkPair(cert: KeyedCertificate, key = cert, mode = 0o600): ReturnType<typeof check> {
    await home.write('client.crt', cert.certificatePem, 0o644);
    await home.write('client.key', key.privateKeyPem, mode);
    return check('  auth:\n    type: mtls\n    client_cert: ~/client.crt\n    client_key: ~/client.key\n');
  }

  it('is content with a good pair, and names it as the credential', async () => {
    const { exitCode, text } = await checkPair(client(100));
    expect(text).toMatch(/^credential {2}certificate "~\/client\.crt"$/m);
    expect(exitCode).toBe(0);
  });

  it('SEC-22 wants the key as safe as a token', async () => {
    const { exitCode, text } = await checkPair(client(100), undefined, 0o644);
    expect(exitCode).toBe(2);
    expect(text).toMatch(/gateway\.auth\.client_key: .*chmod 600/);
  });

  it.each([
    ['a key of another certificate', client(100), client(100), 'client_key: it does not belong'],
    ['one that has expired', client(-1), undefined, 'client_cert: it expired at'],
    ['one that is not valid yet', client(100, 50), undefined, 'client_cert: it is valid from'],
  ])('SEC-22 lacks %s', async (_name, cert, key, expected) => {
    const { exitCode, text } = await checkPair(cert, key);
    expect(exitCode).toBe(2);
    expect(text).toContain(`gateway.auth.${expected}`);
  });

  it('SEC-23 warns 30 days before it ends', async () => {
    const { exitCode, text } = await checkPair(client(6.5));
    expect(exitCode).toBe(0);
    expect(text).toContain('client_cert: it expires in 7 days');
  });

  it('names files that are not there', async () => {
    const pair = await check('  auth:\n    type: mtls\n    client_cert: ~/c.crt\n    client_key: ~/c.key\n');
    expect(pair.exitCode).toBe(2);
    expect(pair.text).toMatch(/client_cert: there is no file[^]*client_key: there is no file/);
    const bundle = await check('  auth:\n    type: mtls\n    client_pkcs12: ~/c.p12\n');
    expect(bundle.exitCode).toBe(2);
    expect(bundle.text).toContain('client_pkcs12: there is no file');
  });

  it('runs the token command, names it, and shows nothing of what it prints', async () => {
    const command = (script: string): string =>
      `  auth:\n    token_command: ["${process.execPath}", -e, '${script}']\n`;
    const good = await check(command('process.stdout.write("tok" + 1)'));
    expect(good.text).toContain(`credential  command "${process.execPath}"`);
    expect(good.exitCode).toBe(0);
    expect(good.text).not.toContain('tok1');
    const bad = await check(command('process.stdout.write("tok" + 1); process.exit(5)'));
    expect(bad.exitCode).toBe(2);
    expect(bad.text).toContain('ended with exit code 5');
    expect(bad.text).not.toContain('tok1');
  });

  it("SEC-26 reads what the guide's systemd lines name", async () => {
    const token = await home.write('credentials/mcp-token', 'sk-1\n', 0o440);
    const env = { CREDENTIALS_DIRECTORY: join(home.path(), 'credentials'), MCP_AUTH_TOKEN: token };
    expect(await check('', env)).toMatchObject({ exitCode: 0 });
    const { exitCode, text } = await check('', { ...env, MCP_AUTH_TOKEN: `${token}-not` });
    expect(exitCode).toBe(2);
    expect(text).toContain('mcp-token-not');
  });
});

describe.skipIf(process.platform === 'win32')('readPkcs12', () => {
  const home = useTemporaryHome();
  const bytes = pkcs12(client(100), 'pass');
  const read = (): ReturnType<ReturnType<typeof createCredentialFiles>['readPkcs12']> =>
    createCredentialFiles({
      place: { platform: 'linux', env: {}, home: home.path() },
      uid: ownUid,
    }).readPkcs12('~/c.p12');

  it('gives the bytes as they are', async () => {
    await home.write('c.p12', bytes);
    expect(await read()).toEqual({ kind: 'found', bytes });
  });

  it('SEC-22 refuses a file that others can read', async () => {
    await home.write('c.p12', bytes, 0o640);
    expect(await read()).toMatchObject({ kind: 'refused', problem: containing('chmod 600') });
  });
});
