import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDesktopRouter } from '../../src/main/desktop-core';
import type { DesktopRouter } from '../../src/main/desktop-router';
import type { CredentialProgress, CredentialView } from '../../src/shared/model/credential-views';
import { CertificateDoor } from '../support/certificate-door';
import { createAuthority, type KeyedCertificate } from '../support/certificates';
import { ChangeSignal } from '../support/change-signal';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { pkcs12 } from '../support/pkcs12';
import { TemporaryHome } from '../support/router-process';

const OLD = 'old-token-0123456789';
const NEW = 'new-token-0123456789';
const WRONG = 'wrong-token-0123456789';
const DAY_MS = 86_400_000;

const authority = createAuthority('Server authority');
const clients = createAuthority('Client authority');
const client = (daysOld: number): KeyedCertificate =>
  clients.issueClient({
    commonName: `ada ${String(daysOld)}`,
    notBefore: new Date(Date.now() - daysOld * DAY_MS),
    notAfter: new Date(Date.now() + 100 * DAY_MS),
  });

let home: TemporaryHome;
let gateway: Gateway;
let router: DesktopRouter;
let changes: ChangeSignal;
let progress: CredentialProgress[];
/** What the person chooses in the dialogs, one after the other. */
let choices: string[];

/** The desktop app without Electron, in a home without a keychain. */
function launch(config: string): void {
  changes = new ChangeSignal();
  progress = [];
  choices = [];
  home.write('.config/claude-cli/mcp-router.yaml', config);
  router = createDesktopRouter({
    version: '0.0.0',
    isPackaged: false,
    argv: [],
    env: {
      HOME: home.path,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
      MCP_METRICS_ENABLED: 'false',
    },
    home: home.path,
    chooseFile: () => Promise.resolve(choices.shift() ?? null),
  });
  router.onStatus(() => {
    changes.changed();
  });
  router.onAnnouncement((channel, payload) => {
    if (channel === 'credentials.progress') progress.push(payload as CredentialProgress); // of that channel
    changes.changed();
  });
}

const shown = (state: string): Promise<void> =>
  changes.until(state, () => router.appStatus().router.shown === state, 10_000);
const page = (): DesktopRouter['pages']['credentials'] => router.pages.credentials;
const path = (name: string): string => join(home.path, name);
const read = (name: string): string => readFileSync(path(name), 'utf8').trim();

async function onlyView(): Promise<CredentialView> {
  const report = await page()['credentials.list']();
  if (report.kind !== 'ready' || report.credentials[0] === undefined) throw new Error('nothing is listed');
  expect(report.credentials).toHaveLength(1);
  return report.credentials[0];
}

beforeEach(async () => {
  home = new TemporaryHome();
  mkdirSync(path('.config/claude-cli'), { recursive: true, mode: 0o700 });
  gateway = await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens: [OLD, NEW] } });
});

afterEach(async () => {
  await router.stop();
  await gateway.stop();
  home.remove();
});

describe('SEC-105 a token in a file, on the credentials page', () => {
  beforeEach(async () => {
    home.write('token', OLD);
    launch(
      `gateway: { url: "${gateway.url}", auth: { type: bearer, token_file: ${path('token')} } }\nlogging: { level: error }\n`,
    );
    await router.start();
    await shown('connected');
  });

  it('is replaced only by one that the gateway accepts, and there is a way back', async () => {
    const { id, ...view } = await onlyView();
    expect(view).toMatchObject({ what: 'token', source: 'file', name: path('token'), previousUntil: null });
    expect(await page()['credentials.rotate']({ id, value: WRONG })).toMatchObject({ kind: 'refused' });
    expect(read('token')).toBe(OLD);
    expect(progress).toEqual([{ kind: 'changing', id, step: 'proving' }]);

    const rotated = await page()['credentials.rotate']({ id, value: ` ${NEW}\n` });
    expect(rotated).toMatchObject({ kind: 'rotated' });
    expect(read('token')).toBe(NEW);
    expect((await onlyView()).previousUntil).toBe(rotated.kind === 'rotated' ? rotated.until : '');
    await gateway.until('the running router to use it', ({ recording }) =>
      recording.upgrades.some(({ headers }) => headers.authorization === `Bearer ${NEW}`),
    );

    expect(await page()['credentials.rollBack']({ id })).toEqual({ kind: 'rolled-back' });
    expect(read('token')).toBe(OLD);
    expect(await page()['credentials.rollBack']({ id })).toMatchObject({ kind: 'failed' });
  });

  it('SEC-106 gives no value back, and says what was wrong with one', async () => {
    const { id } = await onlyView();
    const answers = [
      await page()['credentials.rotate']({ id, value: 'two words' }),
      await page()['credentials.rotate']({ id, value: WRONG }),
      await page()['credentials.rotate']({ id, value: NEW }),
      await page()['credentials.list'](),
      await page()['credentials.endOverlap']({ id }),
      await page()['credentials.rollBack']({ id }),
      progress,
      router.recentEvents(),
      router.appStatus(),
    ];
    expect(answers.map((answer) => ('kind' in answer ? answer.kind : ''))).toEqual([
      'failed',
      'refused',
      'rotated',
      'ready',
      'overlap-ended',
      'failed',
      '',
      '',
      '',
    ]);
    const text = JSON.stringify(answers);
    for (const value of [OLD, NEW, WRONG, 'two words']) expect(text).not.toContain(value);
  });

  it('changes nothing while the gateway cannot be asked, nor what is not in use', async () => {
    const { id } = await onlyView();
    await gateway.stop();
    expect(await page()['credentials.rotate']({ id, value: NEW })).toMatchObject({ kind: 'not-tried' });
    const stored = await page()['credentials.store']({ id, value: NEW });
    expect(JSON.stringify(stored)).toContain('Something is stored here already');
    expect(await page()['credentials.rotate']({ id: 'token file /x', value: NEW })).toMatchObject({
      kind: 'failed',
    });
    expect(read('token')).toBe(OLD);
  });
});

describe('SEC-106 the audit log of what was done on the credentials page', () => {
  it('names each change and its outcome, beside what the running router records, and no value', async () => {
    home.write('token', OLD);
    launch(
      `gateway: { url: "${gateway.url}", auth: { type: bearer, token_file: ${path('token')} } }\nlogging: { level: error, audit: { enabled: true } }\n`,
    );
    await router.start();
    await shown('connected');
    const { id } = await onlyView();
    await page()['credentials.rotate']({ id, value: WRONG });
    await page()['credentials.rotate']({ id, value: NEW });
    await page()['credentials.endOverlap']({ id });
    await router.stop();
    const files = readdirSync(home.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('audit'),
    );
    const records = files
      .filter((name) => /\.(log|jsonl)$/.test(name))
      .flatMap((name) => read(name).split('\n'));
    const told = records.filter((line) => line.includes('"kind":"command"')).join('\n');
    expect(told.match(/"action":"credential-rotated"/g)).toHaveLength(2);
    expect(told).toContain('"code":"auth-failed"');
    expect(told).toContain('"action":"credential-overlap-ended"');
    for (const value of [OLD, NEW, WRONG]) expect(records.join('\n')).not.toContain(value);
  });
});

describe('SEC-107 a client certificate, on the credentials page', () => {
  const old = client(200);
  const fresh = client(1);
  let door: CertificateDoor;

  beforeEach(async () => {
    gateway.reconfigure({ auth: { kind: 'none' } });
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
  });

  afterEach(() => door.stop());

  async function begin(more = ''): Promise<string> {
    launch(`gateway:
  url: ${door.url}
  auth: { type: mtls, client_cert: ${path('client.crt')}, client_key: ${path('client.key')}${more} }
  tls: { ca_cert_path: ${path('ca.pem')} }
logging: { level: error }
`);
    await router.start();
    await shown('connected');
    return (await onlyView()).id;
  }

  it('comes from files that main asks for, is shown, tried and put in place', async () => {
    const id = await begin();
    expect(await page()['credentials.chooseCertificate']({ id, form: 'pem' })).toEqual({ kind: 'cancelled' });
    expect(await page()['credentials.useCertificate']()).toMatchObject({ kind: 'failed' });
    choices = [path('new.crt'), path('new.key')];
    const chosen = await page()['credentials.chooseCertificate']({ id, form: 'pem' });
    expect(chosen).toMatchObject({
      kind: 'ready',
      facts: { subject: 'ada 1', issuer: 'Client authority' },
      files: ['new.crt', 'new.key'],
    });
    expect(read('client.crt')).toBe(old.certificatePem.trim());
    expect(await page()['credentials.useCertificate']()).toMatchObject({ kind: 'rotated' });
    expect(read('client.crt')).toBe(fresh.certificatePem.trim());
    expect(await onlyView()).toMatchObject({ certificate: { subject: 'ada 1' } });
    expect((await onlyView()).previousUntil).not.toBeNull();
    expect(await page()['credentials.useCertificate']()).toMatchObject({ kind: 'failed' });
  });

  it('says what is wrong with files before anybody is called', async () => {
    const id = await begin();
    choices = [path('new.crt'), path('client.key')];
    const chosen = await page()['credentials.chooseCertificate']({ id, form: 'pem' });
    expect(chosen).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(chosen)).toContain('does not belong');
    expect(await page()['credentials.useCertificate']()).toMatchObject({ kind: 'failed' });
  });

  it('comes out of a PKCS#12 bundle, and its key is kept under the configured passphrase', async () => {
    home.write('passphrase', 'kept');
    const id = await begin(`, passphrase_file: ${path('passphrase')}`);
    execFileSync(
      'openssl',
      [
        'pkcs12',
        '-export',
        '-in',
        'new.crt',
        '-inkey',
        'new.key',
        '-certfile',
        'ca.pem',
        '-out',
        'new.p12',
        '-passout',
        'pass:open',
      ],
      { cwd: home.path },
    );
    chmodSync(path('new.p12'), 0o600);
    choices = [path('new.p12')];
    expect(await page()['credentials.chooseCertificate']({ id, form: 'pkcs12' })).toEqual({
      kind: 'needs-passphrase',
      files: ['new.p12'],
    });
    expect(await page()['credentials.openCertificate']({ passphrase: 'wrong' })).toMatchObject({
      kind: 'refused',
    });
    expect(await page()['credentials.openCertificate']({ passphrase: 'open' })).toMatchObject({
      kind: 'ready',
      facts: { subject: 'ada 1' },
    });
    expect(await page()['credentials.useCertificate']()).toMatchObject({ kind: 'rotated' });
    expect(read('client.crt').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(read('client.key')).toContain('ENCRYPTED PRIVATE KEY');
    await changes.until('the new certificate in use', () => {
      const { keeper } = router.appStatus().router;
      return keeper.name === 'connected' && keeper.tls?.client?.subject === 'ada 1';
    });
  });

  it('is not made out of a bundle whose key would lose its passphrase, or that cannot be read', async () => {
    const id = await begin();
    home.write('new.p12', pkcs12(fresh, 'open'));
    choices = [path('new.p12')];
    await page()['credentials.chooseCertificate']({ id, form: 'pkcs12' });
    const refused = await page()['credentials.openCertificate']({ passphrase: 'open' });
    expect(JSON.stringify(refused)).toContain('gateway.auth names none');
    home.write('damaged.p12', pkcs12(fresh, 'open').subarray(0, 400));
    choices = [path('damaged.p12')];
    await page()['credentials.chooseCertificate']({ id, form: 'pkcs12' });
    expect(await page()['credentials.openCertificate']({ passphrase: 'open' })).toMatchObject({
      kind: 'refused',
    });
    expect(read('client.crt')).toBe(old.certificatePem.trim());
  });
});
