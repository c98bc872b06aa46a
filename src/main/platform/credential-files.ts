import { X509Certificate } from 'node:crypto';
import { realpath, rm, stat } from 'node:fs/promises';

import type {
  CredentialBytesLookup,
  CredentialFileChange,
  CredentialFileLookup,
  CredentialFiles,
} from '../engine/ports';
import { replaceFile, writeFileAtomically } from './atomic-file';
import { variableIn } from './environment';
import { readGuardedFile, systemReason, type GuardedRead } from './guarded-file';
import { expandHome, pathRules, type Place } from './paths';
import { removeLeftovers } from './temporary-file';

const MAX_CREDENTIAL_BYTES = 64 * 1024;
const MAX_CERTIFICATE_BYTES = 1024 * 1024;

/** What reading credential files depends on. */
export interface CredentialFileOptions {
  readonly place: Place;
  /** Effective user id; null on Windows, where modes and owners are not checked. */
  readonly uid: number | null;
  /** Told about things that are allowed but not good, such as a folder that others can look into. */
  readonly onRemark?: (path: string, remark: string) => void;
}

/** Reads token files and certificates, and refuses what other users could have read or changed. */
export function createCredentialFiles(options: CredentialFileOptions): CredentialFiles {
  return {
    readCredential: (path) => readCredential(path, options),
    readCertificates: (path) => readCertificates(path, options),
    readPkcs12: (path) => readPkcs12(path, options),
    replaceCredential: (path, text) =>
      changed(path, options, async (full) =>
        writeFileAtomically(await targetOf(full), text, options.place.platform),
      ),
    replaceCertificates: (path, text) =>
      changed(path, options, async (full) => {
        const target = await targetOf(full);
        const { platform } = options.place;
        await replaceFile(target, text, { platform, mode: await readableBits(target) });
      }),
    removeCredential: (path) => changed(path, options, (full) => rm(full, { force: true })),
    removeUnfinished: async (given) => {
      const path = usablePath(given, options.place);
      if (path.kind !== 'path') return;
      const { dirname, basename } = pathRules(options.place.platform);
      const target = await targetOf(path.path);
      await removeLeftovers(dirname(target), basename(target));
    },
  };
}

async function changed(
  given: string,
  { place }: CredentialFileOptions,
  change: (path: string) => Promise<void>,
): Promise<CredentialFileChange> {
  const path = usablePath(given, place);
  if (path.kind !== 'path') return { kind: 'failed', path: given, reason: 'this user has no home folder' };
  try {
    await change(path.path);
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', path: path.path, reason: systemReason(error) };
  }
}

/** Who may read the file of now; nobody but its owner where there is none. */
async function readableBits(path: string): Promise<number> {
  try {
    return ((await stat(path)).mode & 0o044) | 0o600;
  } catch {
    // Whatever is wrong with it, writing it will name the reason.
    return 0o600;
  }
}

/** A link stays, and what it leads to is replaced. */
const targetOf = async (path: string): Promise<string> => (await realPathOf(path)) ?? path;

async function readCredential(given: string, options: CredentialFileOptions): Promise<CredentialFileLookup> {
  const read = await readPrivate(given, options);
  if (read.kind !== 'found') return read;
  const text = decoded(read.bytes);
  if (text === null) return refusal(read.path, 'it is not a text file (UTF-8)');
  const value = text.replace(/[\r\n]+$/, '');
  if (value.trim() === '') return refusal(read.path, 'it is empty; write the token into it');
  return { kind: 'found', value };
}

async function readPkcs12(given: string, options: CredentialFileOptions): Promise<CredentialBytesLookup> {
  const read = await readPrivate(given, options);
  return read.kind === 'found' ? { kind: 'found', bytes: read.bytes } : read;
}

type FailedLookup = Exclude<CredentialFileLookup, { kind: 'found' }>;

type PrivateBytes = { readonly kind: 'found'; readonly bytes: Buffer; readonly path: string } | FailedLookup;

/** Reads a file that nobody else may read or change, unless systemd provides it. */
async function readPrivate(given: string, options: CredentialFileOptions): Promise<PrivateBytes> {
  const path = usablePath(given, options.place);
  if (path.kind !== 'path') return path;
  const isExempt = await isSystemdCredential(path.path, options.place);
  const read = await readGuardedFile(path.path, {
    rule: isExempt ? 'public' : 'private',
    maxBytes: MAX_CREDENTIAL_BYTES,
    platform: options.place.platform,
    who: { uid: options.uid },
  });
  if (read.kind !== 'read') return failed(read, path.path);
  for (const remark of read.remarks) options.onRemark?.(path.path, remark);
  return { kind: 'found', bytes: read.bytes, path: path.path };
}

async function readCertificates(
  given: string,
  options: CredentialFileOptions,
): Promise<CredentialFileLookup> {
  const path = usablePath(given, options.place);
  if (path.kind !== 'path') return path;
  const read = await readGuardedFile(path.path, {
    rule: 'public',
    maxBytes: MAX_CERTIFICATE_BYTES,
    platform: options.place.platform,
    who: { uid: options.uid },
  });
  if (read.kind !== 'read') return failed(read, path.path);
  const text = decoded(read.bytes);
  const problem = text === null ? 'it is not a PEM file' : certificateProblem(text);
  if (text === null || problem !== null) return refusal(path.path, problem ?? '');
  return { kind: 'found', value: text };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificateProblem(text: string): string | null {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    return text.includes('PRIVATE KEY-----')
      ? 'it holds a private key, but no certificate'
      : 'it holds no certificate in PEM form (BEGIN CERTIFICATE)';
  }
  const broken = blocks.findIndex((block) => !isCertificate(block));
  return broken === -1 ? null : `certificate ${broken + 1} in it is damaged`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    // OpenSSL throws errors of many kinds here; each of them means that it is none.
    return false;
  }
}

type UsablePath = { readonly kind: 'path'; readonly path: string } | FailedLookup;

function usablePath(given: string, place: Place): UsablePath {
  const path = expandHome(given, place);
  if (path === undefined) {
    return refusal(given, 'this user has no home folder; write the path in full');
  }
  return { kind: 'path', path };
}

/** systemd hands credentials over in a folder of its own, readable through an access list that shows as mode 0440. */
async function isSystemdCredential(path: string, place: Place): Promise<boolean> {
  const folder = variableIn(place.env, 'CREDENTIALS_DIRECTORY');
  const { isAbsolute, relative, sep } = pathRules(place.platform);
  if (folder === undefined || !isAbsolute(folder)) return false;
  const real = await Promise.all([realPathOf(folder), realPathOf(path)]);
  const [realFolder, realFile] = real;
  if (realFolder === null || realFile === null) return false;
  const way = relative(realFolder, realFile);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function realPathOf(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    // Whatever is wrong with it, it is not a systemd credential; reading it will name the reason.
    return null;
  }
}

function decoded(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // TextDecoder throws exactly when the bytes are no UTF-8.
    return null;
  }
}

function failed(read: Exclude<GuardedRead, { kind: 'read' }>, path: string): FailedLookup {
  switch (read.kind) {
    case 'missing':
      return { kind: 'missing', path };
    case 'refused':
      return refusal(path, read.problem);
    case 'unreadable':
      return { kind: 'unreadable', path, reason: read.reason };
  }
}

function refusal(path: string, problem: string): FailedLookup {
  return { kind: 'refused', path, problem };
}
