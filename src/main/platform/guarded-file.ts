import { constants } from 'node:fs';
import { access, open, realpath, stat, type FileHandle } from 'node:fs/promises';

import {
  ancestorDanger,
  fileDanger,
  folderDanger,
  folderRemark,
  type FileRule,
  type Who,
} from './file-safety';
import { pathRules } from './paths';

/** How strict one reading is. */
export interface ReadRules {
  readonly rule: FileRule;
  readonly maxBytes: number;
  readonly platform: NodeJS.Platform;
  readonly who: Who;
}

/** The answer of {@link readGuardedFile}. */
export type GuardedRead =
  | {
      readonly kind: 'read';
      readonly bytes: Buffer;
      readonly mode: number;
      readonly remarks: readonly string[];
    }
  | { readonly kind: 'missing' }
  /** Not safe to use; `problem` says what and what to run. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A file that is swapped again and again while it is read is not one that anybody rotates. */
const MAX_TRIES = 5;
const REPLACED = 'it was replaced while it was being read; try again';

/**
 * Reads a small file whole, after checking what was really opened: its type, size, mode, owner and folders. One that is
 * replaced meanwhile is read anew, because that is what rotating it looks like.
 */
export async function readGuardedFile(path: string, rules: ReadRules): Promise<GuardedRead> {
  for (let tries = 1; ; tries += 1) {
    const read = await readOnce(path, rules);
    if (read.kind !== 'refused' || read.problem !== REPLACED || tries === MAX_TRIES) return read;
  }
}

async function readOnce(path: string, rules: ReadRules): Promise<GuardedRead> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK opening a pipe would wait for its other end.
    file = await open(path, rules.platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return failedRead(error);
  }
  try {
    return await readOpened(file, path, rules);
  } catch (error) {
    return failedRead(error);
  } finally {
    await file.close();
  }
}

async function readOpened(file: FileHandle, path: string, rules: ReadRules): Promise<GuardedRead> {
  const stats = await file.stat();
  if (!stats.isFile()) return refused(`it is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`);
  const danger = fileDanger(path, stats, rules.rule, rules.who);
  if (danger !== null) return refused(danger);
  if (stats.size > rules.maxBytes) return tooLarge(rules.maxBytes);

  const remarks: string[] = [];
  if (rules.rule !== 'public' && rules.who.uid !== null) {
    const target = await realpath(path);
    const targetStats = await stat(target);
    if (targetStats.ino !== stats.ino || targetStats.dev !== stats.dev) {
      return refused(REPLACED);
    }
    const problem = await placeDanger(path, target, rules, remarks);
    if (problem !== null) return refused(problem);
  }

  // One byte more than allowed, so that a file that grew meanwhile is noticed.
  const buffer = Buffer.alloc(rules.maxBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length > rules.maxBytes) return tooLarge(rules.maxBytes);
  }
  return { kind: 'read', bytes: buffer.subarray(0, length), mode: stats.mode, remarks };
}

/** Looks at the folder of the given path and, for a link, at the folder of its target as well. */
async function placeDanger(
  path: string,
  target: string,
  rules: ReadRules,
  remarks: string[],
): Promise<string | null> {
  const { dirname } = pathRules(rules.platform);
  const folders = new Set([await realpath(dirname(path)), dirname(target)]);
  for (const folder of folders) {
    const danger = await folderChainDanger(folder, rules);
    if (danger !== null) return danger;
    const remark = rules.rule === 'private' ? folderRemark(folder, await stat(folder), rules.who) : null;
    if (remark !== null) remarks.push(remark);
  }
  return null;
}

/** What makes a folder, by its real path, unsafe to keep a file in that steers us; null when nothing does. */
export async function folderChainDanger(
  folder: string,
  rules: Pick<ReadRules, 'platform' | 'who'>,
): Promise<string | null> {
  const { dirname } = pathRules(rules.platform);
  const danger = folderDanger(folder, await stat(folder), rules.who);
  if (danger !== null && !(await isReadOnlyMount(folder))) return danger;
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    const problem = ancestorDanger(above, await stat(above), rules.who);
    if (problem !== null && !(await isReadOnlyMount(above))) return problem;
  }
  return null;
}

/** Kubernetes mounts config maps as folders of mode 0777 on a read-only mount, where nobody can write. */
async function isReadOnlyMount(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return false;
  } catch (error) {
    return errorCode(error) === 'EROFS';
  }
}

/** The `code` of an error of the operating system, or an empty text. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** One sentence for an error of the operating system; it names no path twice. */
export function systemReason(error: unknown): string {
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'this user has no permission';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    case 'ELOOP':
      return 'its links go round in a circle';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of the path is not a folder';
    case 'ENAMETOOLONG':
      return 'the path is too long';
    case 'ENOENT':
      return 'it does not exist';
    case 'EFOLDER': // makeFolder
    case '':
      return error instanceof Error ? error.message : 'unknown error';
    default:
      return `the system says ${errorCode(error)}`;
  }
}

function failedRead(error: unknown): GuardedRead {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
  if (code === '' && !(error instanceof TypeError)) throw error;
  return { kind: 'unreadable', reason: systemReason(error) };
}

function refused(problem: string): GuardedRead {
  return { kind: 'refused', problem };
}

function tooLarge(maxBytes: number): GuardedRead {
  return refused(`it is larger than ${maxBytes / 1024} KiB, the most that is accepted here`);
}
