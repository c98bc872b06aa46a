import { describe, expect, it } from 'vitest';

import {
  certificateSlot,
  pairIn,
  pairSecret,
  type KeyPair,
} from '../../../src/main/engine/auth/certificate-slot';
import { clientIdentity } from '../../../src/main/engine/auth/client-identity';
import type { CredentialSlot } from '../../../src/main/engine/auth/credential-slot';
import type { CredentialFileChange, CredentialFiles } from '../../../src/main/engine/ports';
import { routerConfigSchema } from '../../../src/shared/model/config';
import { createAuthority } from '../../support/certificates';
import { enginePorts } from '../../support/engine-client';
import { matching } from '../platform/text-matchers';

const old = { certificate: 'old certificate\n', key: 'old key' };
const next = { certificate: 'new certificate\n', key: 'new key' };
const paths = { certificate: '/c.crt', key: '/c.key' };

/** Files in memory that stop working, as a process that dies, or fail once. */
class FakeFiles implements Pick<CredentialFiles, 'readCredential' | 'readCertificates'> {
  readonly texts = new Map([
    [paths.certificate, old.certificate],
    [paths.key, old.key],
  ]);
  steps = 0;
  /** The step that nothing follows. */
  diesAfter = Infinity;
  fails: string | null = null;

  get port(): CredentialFiles {
    const replace = (path: string, text: string): Promise<CredentialFileChange> => this.step(path, text);
    return {
      readCredential: (path) => this.readCredential(path),
      readCertificates: (path) => this.readCertificates(path),
      readPkcs12: (path) => Promise.resolve({ kind: 'missing', path }),
      replaceCredential: replace,
      replaceCertificates: replace,
      removeCredential: (path) => this.step(path, null),
      removeUnfinished: () => Promise.resolve(),
    };
  }

  readCredential(path: string): ReturnType<CredentialFiles['readCredential']> {
    const value = this.texts.get(path)?.trimEnd();
    return Promise.resolve(value === undefined ? { kind: 'missing', path } : { kind: 'found', value });
  }

  readCertificates(path: string): ReturnType<CredentialFiles['readCertificates']> {
    const value = this.texts.get(path);
    return Promise.resolve(value === undefined ? { kind: 'missing', path } : { kind: 'found', value });
  }

  private step(path: string, text: string | null): Promise<CredentialFileChange> {
    if (this.steps >= this.diesAfter) return new Promise(() => undefined);
    if (path === this.fails) {
      this.fails = null;
      return Promise.resolve({ kind: 'failed', path, reason: 'the disk is full' });
    }
    this.steps += 1;
    if (text === null) this.texts.delete(path);
    else this.texts.set(path, text);
    return Promise.resolve({ kind: 'done' });
  }
}

async function swapped(files: FakeFiles, pair: KeyPair = next): Promise<CredentialSlot> {
  const slot = certificateSlot(paths, files.port);
  await Promise.race([slot.write(pairSecret(pair)), new Promise((resolve) => setImmediate(resolve))]);
  files.diesAfter = Infinity;
  return slot;
}

const inFiles = (files: FakeFiles): string =>
  [paths.certificate, paths.key].map((path) => files.texts.get(path)?.split(' ')[0]).join(' ');

describe('SEC-51 the swap of a certificate and its key', () => {
  it.each([
    [0, 'old old', 'old'],
    [1, 'old old', 'old'],
    [2, 'old new', 'new'],
    [3, 'new new', 'new'],
    [4, 'new new', 'new'],
  ])('after %i steps has %s in the files, and the %s pair counts and stays', async (steps, left, pair) => {
    const files = new FakeFiles();
    files.diesAfter = steps;
    const slot = await swapped(files);
    expect(inFiles(files)).toBe(left);
    const expected = pair === 'old' ? old : next;
    const counting = await slot.read();
    expect(counting === null ? null : pairIn(counting)).toEqual(expected);
    expect(await slot.recovery?.isNeeded()).toBe(steps > 0 && steps < 4);
    await slot.recovery?.finish();
    expect(inFiles(files)).toBe(`${pair} ${pair}`);
    expect(files.texts.size).toBe(2);
  });

  it('leaves alone what somebody put there after a swap that was not finished', async () => {
    const files = new FakeFiles();
    files.diesAfter = 2;
    const slot = await swapped(files);
    files.texts.set(paths.certificate, 'other certificate\n');
    await slot.recovery?.finish();
    expect(inFiles(files)).toBe('other new');
    expect(files.texts.size).toBe(2);
  });

  it.each([paths.certificate, paths.key, '/c.key.next'])('that fails at %s changes nothing', async (path) => {
    const files = new FakeFiles();
    files.fails = path;
    const slot = certificateSlot(paths, files.port);
    await expect(slot.write(pairSecret(next))).rejects.toMatchObject({ code: 'credential-file-unreadable' });
    expect(inFiles(files)).toBe('old old');
    expect(files.texts.size).toBe(2);
  });

  it('refuses what could not be read again', async () => {
    const files = new FakeFiles();
    const slot = certificateSlot(paths, files.port);
    const large = { ...next, certificate: 'x'.repeat(70_000) };
    await expect(slot.write(pairSecret(large))).rejects.toMatchObject({ detail: matching(/larger/) });
    expect(inFiles(files)).toBe('old old');
  });

  it.each([true, false])(
    'a connection in the middle uses the new pair, where it is staged (%s)',
    async (isStaged) => {
      const authority = createAuthority('Client authority');
      const [before, after] = ['before', 'after'].map((commonName) => authority.issueClient({ commonName }));
      if (before === undefined || after === undefined) throw new Error('two certificates are needed');
      const files = new FakeFiles();
      files.texts.set(paths.certificate, before.certificatePem);
      files.texts.set(paths.key, before.privateKeyPem);
      files.diesAfter = 2;
      await swapped(files, { certificate: after.certificatePem, key: after.privateKeyPem.trimEnd() });
      if (!isStaged) files.texts.delete('/c.key.next');
      const { gateway } = routerConfigSchema.parse({
        gateway: {
          url: 'wss://gateway.example/',
          auth: { type: 'mtls', client_cert: paths.certificate, client_key: paths.key },
        },
      });
      const reading = clientIdentity(gateway.auth, { ...enginePorts(), files: files.port });
      if (isStaged) expect((await reading)?.facts.subject).toBe('after');
      else await expect(reading).rejects.toMatchObject({ code: 'client-certificate-unusable' });
    },
  );
});
