import { createHash } from 'node:crypto';
import { lstat, realpath, stat } from 'node:fs/promises';

import { octal } from '../file-safety';
import { errorCode, folderChainDanger, readGuardedFile, systemReason } from '../guarded-file';
import { pathRules, type Place } from '../paths';
import { shellWord, shown } from '../shown-text';
import type { ClientFile } from './client-situation';

/** The largest file of a client that is read; Claude Code keeps a history in its own. */
export const MAX_CLIENT_FILE_BYTES = 16 * 1024 * 1024;

/** Who looks at files, and from where. */
export interface ClientFileOptions {
  readonly place: Place;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly maxBytes?: number;
}

/** A client's file with what a person should know about its place. */
export interface FoundFile {
  readonly file: ClientFile;
  readonly warnings: readonly string[];
}

/** Reads a client's file; a file that others could change, or that cannot be replaced whole, is not used. */
export async function readClientFile(path: string, options: ClientFileOptions): Promise<FoundFile> {
  try {
    return await readOrExplain(path, options);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return unusable(`it cannot be read: ${systemReason(error)}`);
  }
}

async function readOrExplain(path: string, options: ClientFileOptions): Promise<FoundFile> {
  const { place, uid, maxBytes = MAX_CLIENT_FILE_BYTES } = options;
  const { platform } = place;
  const read = await readGuardedFile(path, { rule: 'trusted', maxBytes, platform, who: { uid } });
  switch (read.kind) {
    case 'missing':
      return missing(path, options);
    case 'refused':
      return unusable(`it is not changed: ${read.problem}`);
    case 'unreadable':
      return unusable(`it cannot be read: ${read.reason}`);
    case 'read':
      break;
  }
  const target = await realpath(path);
  const { uid: owner, nlink } = await stat(target);
  const lock = lockOf({ path, mode: read.mode, owner }, options);
  if (lock !== null) return unusable(lock);
  const text = decoded(read.bytes);
  if (text === null) return unusable('it is left alone, because it is not text in UTF-8');
  const warnings = await placeWarnings(path, target, options);
  if (nlink > 1) warnings.push('the file has more than one name; the others keep the old text');
  const file = { kind: 'read', target, text, mode: read.mode & 0o777, hash: hashOf(text) } as const;
  return { file, warnings };
}

/** SHA-256 of a text as it is on the disk. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A file that was made read-only is meant to stay as it is, although its folder would let us replace it. */
function lockOf(
  facts: { readonly path: string; readonly mode: number; readonly owner: number },
  { uid }: ClientFileOptions,
): string | null {
  if (uid === null) return null;
  if ((facts.mode & 0o200) === 0) {
    return `it is write-protected (mode ${octal(facts.mode)}); run: chmod u+w ${shellWord(facts.path)}`;
  }
  return facts.owner === uid ? null : `it belongs to another user (${facts.owner})`;
}

async function missing(path: string, options: ClientFileOptions): Promise<FoundFile> {
  const { dirname, join, basename } = pathRules(options.place.platform);
  if (await isLink(path)) return unusable('it is a link that leads nowhere');
  // Folders that are not there yet will be made by us; the first one that is there must be safe.
  const names: string[] = [basename(path)];
  let folder = dirname(path);
  for (;;) {
    const real = await realOrNull(folder);
    if (real !== null) {
      const danger = await folderChainDanger(real, { platform: options.place.platform, who: options });
      if (danger !== null) return unusable(`it is not created: ${danger}`);
      const target = join(real, ...names);
      return { file: { kind: 'absent', target }, warnings: await placeWarnings(path, target, options) };
    }
    if (dirname(folder) === folder) return unusable('its folder cannot be found');
    names.unshift(basename(folder));
    folder = dirname(folder);
  }
}

async function placeWarnings(path: string, target: string, { place }: ClientFileOptions): Promise<string[]> {
  const { relative, isAbsolute, sep } = pathRules(place.platform);
  const home = place.home === undefined ? null : await realOrNull(place.home);
  const way = home === null ? '..' : relative(home, target);
  const isOutside = way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  const warnings: string[] = [];
  if (await isLink(path)) warnings.push(`the file is a link; what changes is ${shown(target, 300)}`);
  if (isOutside) warnings.push(`${shown(target, 300)} lies outside of your home folder`);
  return warnings;
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

async function realOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
}

/** A byte order mark stays, so that the text is the bytes. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function unusable(problem: string): FoundFile {
  return { file: { kind: 'unusable', problem }, warnings: [] };
}
