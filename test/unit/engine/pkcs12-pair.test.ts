import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pairInBundle } from '../../../src/main/engine/auth/pkcs12-pair';
import { RouterError } from '../../../src/shared/model/errors';
import { createAuthority } from '../../support/certificates';
import { pkcs12 } from '../../support/pkcs12';
import { pseudoRandom } from '../../support/pseudo-random';

const clients = createAuthority('Client authority');
const client = clients.issueClient({ commonName: 'ada' });
const leaf = new X509Certificate(client.certificatePem);
const PASSPHRASE = 'öpen sesame';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkcs12-'));
  writeFileSync(join(folder, 'a.crt'), client.certificatePem);
  writeFileSync(join(folder, 'a.key'), client.privateKeyPem);
  writeFileSync(join(folder, 'ca.crt'), clients.certificatePem);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** As openssl writes it. */
function bundle(...options: readonly string[]): Buffer {
  const files = ['-in', 'a.crt', '-inkey', 'a.key', '-certfile', 'ca.crt', '-out', 'a.p12'];
  const args = ['pkcs12', '-export', ...files, '-passout', `pass:${PASSPHRASE}`, ...options];
  execFileSync('openssl', args, { cwd: folder });
  return readFileSync(join(folder, 'a.p12'));
}

const certificates = (pem: string): readonly string[] =>
  pem
    .split(/(?=-----BEGIN)/)
    .map((one) => new X509Certificate(one).subject)
    .filter((subject) => subject !== '');

describe('the certificate and key of a PKCS#12 bundle', () => {
  it.each([
    ['as openssl does it today', []],
    ['with AES-128 and SHA-512', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'SHA512']],
    ['with AES-192 and many rounds', ['-certpbe', 'AES-192-CBC', '-iter', '100000']],
    ['with certificates in clear', ['-certpbe', 'NONE']],
  ])('are taken out %s, the chain as well', async (_name, options) => {
    const pair = await pairInBundle(bundle(...options), PASSPHRASE, leaf);
    expect(certificates(pair.certificate)).toEqual(['CN=ada', 'CN=Client authority']);
    expect(pair.key).toContain('ENCRYPTED PRIVATE KEY');
    const key = createPrivateKey({ key: pair.key, passphrase: PASSPHRASE });
    expect(leaf.checkPrivateKey(key)).toBe(true);
  });

  it('are not taken out of old forms, which is said', async () => {
    const old = bundle('-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'SHA1');
    await expect(pairInBundle(old, PASSPHRASE, leaf)).rejects.toThrow(/export it again with AES-256/);
  });

  it('end in one clear error, however the bytes are damaged', async () => {
    const random = pseudoRandom(7);
    for (const whole of [bundle(), pkcs12(client, PASSPHRASE)]) {
      for (let round = 0; round < 300; round += 1) {
        const damaged = Buffer.from(whole);
        const at = Math.floor(random() * whole.length);
        damaged[at] = Math.floor(random() * 256);
        const cut = round % 3 === 0 ? damaged.subarray(0, at) : damaged;
        const problem = await pairInBundle(cut, PASSPHRASE, leaf).then(
          () => null,
          (error: unknown) => error,
        );
        if (problem !== null) expect(problem).toBeInstanceOf(RouterError);
      }
    }
  });
});
