import { createHash } from 'node:crypto';

import { RouterError } from '../../../shared/model/errors';
import type { CredentialFiles } from '../ports';

import type { CredentialSlot, PreviousCredential, SwapRecovery } from './credential-slot';
import { fileText, mustBeRemoved, mustBeWritten } from './credential-text';
import { Secret } from './secret';

/** A client certificate (PEM, with its chain) and its private key (PEM). */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Where the two are. */
export type PairPaths = KeyPair;

/** A pair as the one text that a slot holds. */
export const pairSecret = ({ certificate, key }: KeyPair): Secret =>
  new Secret(JSON.stringify({ certificate, key }));

/** The pair in a text of {@link pairSecret}. */
export function pairIn(secret: Secret): KeyPair {
  const pair = parsedPair(secret.reveal());
  if (pair === null) throw new Error('that is no certificate with its key');
  return pair;
}

/**
 * Two files cannot be replaced at once. Therefore the whole new pair is written beside the key first (`.next`, one file,
 * 0600), then the key, then the certificate, then it is removed again. Whoever finds the new key beside the certificate
 * that it replaces, in between or after a crash, takes the pair from there, and the next one who holds the lock finishes.
 */
interface Staged extends KeyPair {
  /** A digest of the certificate that is replaced. */
  readonly replaces: string;
}

const stagedPath = ({ key }: PairPaths): string => `${key}.next`;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The pair of a swap that is half done; null when these two files are not in the middle of one. */
export async function unfinishedPair(
  found: KeyPair,
  paths: PairPaths,
  files: CredentialFiles,
): Promise<KeyPair | null> {
  const lookup = await files.readCredential(stagedPath(paths));
  const staged = lookup.kind === 'found' ? parsedStaged(lookup.value) : null;
  return staged !== null && isHalfDone(found, staged) ? staged : null;
}

const isHalfDone = (found: KeyPair, { key, replaces }: Staged): boolean =>
  found.key === key && digestOf(found.certificate) === replaces;

/** The place of a client certificate and its key, and beside the key that of the pair before them. */
export function certificateSlot(paths: PairPaths, files: CredentialFiles): CredentialSlot {
  return new CertificateSlot(paths, files);
}

class CertificateSlot implements CredentialSlot {
  readonly what = 'certificate';
  readonly inUse;
  readonly recovery: SwapRecovery = {
    isNeeded: async () => (await this.files.readCredential(this.staged)).kind === 'found',
    finish: () => this.finish(),
  };
  private readonly previous: string;
  private readonly staged: string;

  constructor(
    private readonly paths: PairPaths,
    private readonly files: CredentialFiles,
  ) {
    this.inUse = { source: 'certificate', name: paths.certificate } as const;
    this.previous = `${paths.key}.previous`;
    this.staged = stagedPath(paths);
  }

  async read(): Promise<Secret | null> {
    const found = await this.found();
    if (found === null) return null;
    return pairSecret((await unfinishedPair(found, this.paths, this.files)) ?? found);
  }

  async write(secret: Secret): Promise<void> {
    await this.finish();
    const pair = pairIn(secret);
    const before = await this.found();
    const staged: Staged = { ...pair, replaces: digestOf(before?.certificate ?? '') };
    await this.replace(this.staged, `${JSON.stringify(staged)}\n`);
    try {
      await this.put(pair);
    } catch (error) {
      // The old key belongs to the certificate that is still there.
      if (before !== null) await this.files.replaceCredential(this.paths.key, `${before.key}\n`);
      await this.files.removeCredential(this.staged);
      throw error;
    }
    mustBeRemoved(await this.files.removeCredential(this.staged));
  }

  private async finish(): Promise<void> {
    const text = fileText(await this.files.readCredential(this.staged));
    if (text === null) return;
    const found = await this.found();
    const pair = found === null ? null : await unfinishedPair(found, this.paths, this.files);
    if (pair !== null) await this.put(pair);
    mustBeRemoved(await this.files.removeCredential(this.staged));
  }

  async readPrevious(): Promise<PreviousCredential | null> {
    const text = fileText(await this.files.readCredential(this.previous));
    const value = text === null ? null : parsedObject(text);
    const pair = text === null ? null : parsedPair(text);
    const expiresAt = value?.['expiresAt'];
    if (pair === null || typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) return null;
    return { secret: pairSecret(pair), expiresAt };
  }

  async keepPrevious({ secret, expiresAt }: PreviousCredential): Promise<void> {
    await this.replace(this.previous, `${JSON.stringify({ ...pairIn(secret), expiresAt })}\n`);
  }

  async forgetPrevious(): Promise<void> {
    mustBeRemoved(await this.files.removeCredential(this.previous));
  }

  async remove(): Promise<void> {
    const { key, certificate } = this.paths;
    for (const path of [this.staged, this.previous, key, certificate]) {
      mustBeRemoved(await this.files.removeCredential(path));
    }
  }

  async removeUnfinished(): Promise<void> {
    const { key, certificate } = this.paths;
    for (const path of [this.staged, this.previous, key, certificate])
      await this.files.removeUnfinished(path);
  }

  /** As the files have it; null where one of them is missing. */
  private async found(): Promise<KeyPair | null> {
    const certificate = fileText(await this.files.readCertificates(this.paths.certificate));
    const key = fileText(await this.files.readCredential(this.paths.key));
    return certificate === null || key === null ? null : { certificate, key };
  }

  private async put({ certificate, key }: KeyPair): Promise<void> {
    await this.replace(this.paths.key, `${key}\n`);
    mustBeWritten(await this.files.replaceCertificates(this.paths.certificate, certificate));
  }

  private async replace(path: string, text: string): Promise<void> {
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw new RouterError('credential-file-unreadable', `${path} would be larger than what is read again`);
    }
    mustBeWritten(await this.files.replaceCredential(path, text));
  }
}

/** What reading a credential file accepts. */
const MAX_BYTES = 64 * 1024;

function parsedObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parsedPair(text: string): KeyPair | null {
  const { certificate, key } = parsedObject(text) ?? {};
  return typeof certificate === 'string' && typeof key === 'string' ? { certificate, key } : null;
}

function parsedStaged(text: string): Staged | null {
  const pair = parsedPair(text);
  const replaces = parsedObject(text)?.['replaces'];
  return pair !== null && typeof replaces === 'string' ? { ...pair, replaces } : null;
}
