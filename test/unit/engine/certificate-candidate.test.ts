import { createPrivateKey } from 'node:crypto';

import { beforeEach, describe, expect, it } from 'vitest';

import { certificateCandidate } from '../../../src/main/engine/auth/certificate-candidate';
import { certificateSlot, pairIn, pairSecret } from '../../../src/main/engine/auth/certificate-slot';
import type { CredentialFileLookup } from '../../../src/main/engine/ports';
import { routerConfigSchema } from '../../../src/shared/model/config';
import { createAuthority, type KeyedCertificate } from '../../support/certificates';
import { enginePorts, type FakeMachine } from '../../support/engine-client';
import { matching } from '../platform/text-matchers';

const DAY_MS = 86_400_000;
const authority = createAuthority('Client authority');
const issued = (fromDays: number, toDays: number): KeyedCertificate =>
  authority.issueClient({
    commonName: 'ada',
    notBefore: new Date(Date.now() + fromDays * DAY_MS),
    notAfter: new Date(Date.now() + toDays * DAY_MS),
  });
const current = issued(-100, 10);
const fresh = issued(-1, 100);
const encrypted = (pair: KeyedCertificate, passphrase: string): string =>
  createPrivateKey(pair.privateKeyPem)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();

let files: Record<string, CredentialFileLookup>;
const found = (value: string): CredentialFileLookup => ({ kind: 'found', value });

beforeEach(() => {
  files = {
    '/c.crt': found(current.certificatePem),
    '/c.key': found(current.privateKeyPem),
    '/n.crt': found(fresh.certificatePem),
    '/n.key': found(fresh.privateKeyPem),
  };
});

function candidate(
  auth: object = {},
  { asked = null, variables = {} }: { readonly asked?: string | null } & Pick<FakeMachine, 'variables'> = {},
): ReturnType<typeof certificateCandidate> {
  const ports = enginePorts({ files, variables });
  const config = routerConfigSchema.parse({
    gateway: {
      url: 'wss://gateway.example/',
      auth: { type: 'mtls', client_cert: '/c.crt', client_key: '/c.key', ...auth },
    },
  });
  const slot = certificateSlot({ certificate: '/c.crt', key: '/c.key' }, ports.files);
  const askPassphrase = (): Promise<string | null> => Promise.resolve(asked);
  return certificateCandidate(
    { certificate: '/n.crt', key: '/n.key' },
    { auth: config.gateway.auth, slot, ports, askPassphrase },
  );
}

const storedKey = async (...args: Parameters<typeof candidate>): Promise<string> =>
  pairIn((await candidate(...args)).pair).key;

describe('SEC-49 a new client certificate, before anybody is called', () => {
  it('is taken when it belongs to its key, is valid and newer', async () => {
    const { pair, facts } = await candidate();
    expect(pair.reveal()).toBe(
      pairSecret({ certificate: fresh.certificatePem, key: fresh.privateKeyPem }).reveal(),
    );
    expect(facts.subject).toBe('ada');
  });

  it('is taken in place of one that has expired, and where there is none', async () => {
    const expired = issued(-100, -1);
    files['/c.crt'] = found(expired.certificatePem);
    files['/c.key'] = found(expired.privateKeyPem);
    await candidate();
    delete files['/c.crt'];
    await candidate();
  });

  const stranger = issued(-1, 100);
  const older = issued(-101, 200);
  const late = issued(-50, -1);
  const early = issued(1, 50);
  const cases: readonly [string, Readonly<Record<string, CredentialFileLookup>>, string, RegExp][] = [
    ['the key of another', { '/n.key': found(stranger.privateKeyPem) }, 'unusable', /n.key does not belong/],
    [
      'an expired one',
      { '/n.crt': found(late.certificatePem), '/n.key': found(late.privateKeyPem) },
      'expired',
      /expired at/,
    ],
    [
      'one of tomorrow',
      { '/n.crt': found(early.certificatePem), '/n.key': found(early.privateKeyPem) },
      'expired',
      /valid from/,
    ],
    [
      'an older one',
      { '/n.crt': found(older.certificatePem), '/n.key': found(older.privateKeyPem) },
      'unusable',
      /issued before/,
    ],
    [
      'the one in use',
      { '/n.crt': found(current.certificatePem), '/n.key': found(current.privateKeyPem) },
      'unusable',
      /in use/,
    ],
    ['no key', { '/n.key': found('nothing') }, 'unusable', /no private key/],
    ['a passphrase that nobody named', { '/n.key': found(encrypted(fresh, 'x')) }, 'unusable', /names none/],
    ['a missing file', { '/n.crt': { kind: 'missing', path: '/n.crt' } }, 'unusable', /no file \/n.crt/],
  ];

  it.each(cases)('is not taken: %s', async (_, changes, code, words) => {
    Object.assign(files, changes);
    await expect(candidate()).rejects.toMatchObject({
      code: `client-certificate-${code}`,
      detail: matching(words),
    });
  });

  it('is not taken from a file that others can read', async () => {
    files['/n.key'] = {
      kind: 'refused',
      path: '/n.key',
      problem: 'others can read it; run: chmod 600 /n.key',
    };
    await expect(candidate()).rejects.toMatchObject({
      code: 'credential-file-refused',
      detail: matching(/chmod 600/),
    });
  });
});

describe('the passphrase of the new key', () => {
  const auth = { passphrase_env: 'P' };
  const variables = { P: 'configured' };

  it('may be the configured one: the key is kept as it came', async () => {
    const pem = encrypted(fresh, 'configured');
    files['/n.key'] = found(pem);
    expect(await storedKey(auth, { variables })).toBe(pem);
  });

  it.each([
    ['another one, which is asked for', encrypted(fresh, 'typed'), 'typed'],
    ['none', fresh.privateKeyPem, null],
  ])('may be %s: the key is kept under the configured one', async (_, pem, asked) => {
    files['/n.key'] = found(pem);
    const kept = await storedKey(auth, { variables, asked });
    expect(kept).toContain('ENCRYPTED');
    expect(createPrivateKey({ key: kept, passphrase: 'configured' }).export({ format: 'jwk' })).toEqual(
      createPrivateKey(fresh.privateKeyPem).export({ format: 'jwk' }),
    );
  });

  it.each(['wrong', null])('that is wrong is said (%s)', async (asked) => {
    files['/n.key'] = found(encrypted(fresh, 'typed'));
    await expect(candidate(auth, { variables, asked })).rejects.toMatchObject({
      code: 'client-certificate-unusable',
      detail: matching(/passphrase of \/n.key is wrong/),
    });
  });
});
