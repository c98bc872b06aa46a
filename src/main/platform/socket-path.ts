import { lstat, unlink } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { RouterError } from '../../shared/model/errors';
import { makeFolder } from './folder';
import { errorCode, systemReason } from './guarded-file';
import { MAX_SOCKET_PATH_BYTES } from './paths';
import { createProcessLocks } from './process-lock';

/** What became of opening a socket at a path. */
export type SocketPlace =
  | { readonly kind: 'open' }
  | { readonly kind: 'in-use' }
  /** `problem` says what is wrong and what to run. */
  | { readonly kind: 'refused'; readonly problem: string };

/** What is at the path of a router's socket. */
export type SocketFinding =
  { readonly kind: 'safe' | 'absent' } | { readonly kind: 'refused'; readonly problem: string };

/** A try to reach a router. */
export type SocketDial =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** Nobody listens. */
  | { readonly kind: 'absent' }
  /** Somebody listens and cannot take one more just now. */
  | { readonly kind: 'busy'; readonly problem: string }
  | { readonly kind: 'refused'; readonly problem: string };

const PRIVATE_UMASK = 0o177;
const OTHERS = 0o077;
/** Another router that starts at the same time is done with it long before. */
const LOCK_LIMIT_MS = 5000;
const NOBODY: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Opens a socket that only this user can reach: its folder is made 0700 or has to be, and belong to this user. A
 * socket that a dead process left behind is removed; one that answers is in use. Of two that start at once, one wins.
 *
 * @param uid effective user id; null on Windows, where a pipe is private to its user by default
 * @param listen binds the path before it returns for the first time
 */
export async function openSocketAt(
  path: string,
  uid: number | null,
  listen: (path: string) => Promise<void>,
): Promise<SocketPlace> {
  try {
    if (uid === null) return await listened(() => listen(path));
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
      const problem = `${path} is longer than the ${String(MAX_SOCKET_PATH_BYTES)} bytes of a socket; set local.socket.path`;
      return { kind: 'refused', problem };
    }
    const folder = dirname(path);
    await makeFolder(folder);
    const problem = await folderProblem(folder, uid);
    if (problem !== null) return { kind: 'refused', problem };
    return await createProcessLocks(folder).exclusively('socket', LOCK_LIMIT_MS, async () => {
      const obstacle = await clearPath(path);
      if (obstacle !== null) return obstacle;
      return listened(() => privately(() => listen(path)));
    });
  } catch (error) {
    if (error instanceof RouterError) return { kind: 'refused', problem: error.detail };
    if (errorCode(error) === '') throw error;
    return { kind: 'refused', problem: `${path}: ${systemReason(error)}` };
  }
}

/** Looks whether the socket belongs to this user and nobody else can have put it there, before anything is sent to it. */
export async function inspectSocket(path: string, uid: number | null): Promise<SocketFinding> {
  if (uid === null) return { kind: 'safe' };
  try {
    const problem = (await folderProblem(dirname(path), uid)) ?? (await socketProblem(path, uid));
    return problem === null ? { kind: 'safe' } : { kind: 'refused', problem };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    if (code === '') throw error;
    return { kind: 'refused', problem: `${path}: ${systemReason(error)}` };
  }
}

/** Connects to a socket after {@link inspectSocket} found it safe; nothing is sent. */
export async function dialSocket(path: string, uid: number | null): Promise<SocketDial> {
  const found = await inspectSocket(path, uid);
  if (found.kind === 'refused') return found;
  if (found.kind === 'absent') return { kind: 'absent' };
  return new Promise((resolve) => {
    const socket = createConnection({ path, allowHalfOpen: true });
    const fail = (error: Error): void => {
      const isNobody = NOBODY.has(errorCode(error));
      resolve(isNobody ? { kind: 'absent' } : { kind: 'busy', problem: systemReason(error) });
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.removeListener('error', fail);
      resolve({ kind: 'open', socket });
    });
  });
}

/** A try to reach a router at several paths, and the path that the answer is about. */
export type PathDial = SocketDial & { readonly path: string };

/** Tries one path after the other until somebody is there. */
export async function dialFirst(paths: readonly string[], uid: number | null): Promise<PathDial> {
  for (const path of paths) {
    const dialed = await dialSocket(path, uid);
    if (dialed.kind !== 'absent') return { ...dialed, path };
  }
  return { kind: 'absent', path: paths[0] ?? '' };
}

async function folderProblem(folder: string, uid: number): Promise<string | null> {
  const { mode, uid: owner, isDirectory } = await statOf(folder);
  if (!isDirectory) return `${folder} is not a folder`;
  if (owner !== uid) return `the folder ${folder} belongs to another user`;
  if ((mode & OTHERS) === 0) return null;
  return `other users can enter the folder of the socket; run: chmod 700 ${folder}`;
}

async function socketProblem(path: string, uid: number): Promise<string | null> {
  const { mode, uid: owner, isSocket } = await statOf(path);
  if (!isSocket) return `${path} exists and is not a socket`;
  if (owner !== uid) return `the socket ${path} belongs to another user`;
  if ((mode & OTHERS) === 0) return null;
  return `other users can use the socket; run: chmod 600 ${path}`;
}

interface Stat {
  readonly mode: number;
  readonly uid: number;
  readonly isDirectory: boolean;
  readonly isSocket: boolean;
}

async function statOf(path: string): Promise<Stat> {
  const found = await lstat(path);
  return { mode: found.mode, uid: found.uid, isDirectory: found.isDirectory(), isSocket: found.isSocket() };
}

/** Null when the path is free. */
async function clearPath(path: string): Promise<SocketPlace | null> {
  try {
    const { isSocket } = await statOf(path);
    if (!isSocket) return { kind: 'refused', problem: `${path} exists and is not a socket` };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  if (await isAnswered(path)) return { kind: 'in-use' };
  await unlink(path);
  return null;
}

/** Only a clear no counts: a router that is merely busy must not lose its socket. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      resolve(!NOBODY.has(errorCode(error)));
    });
  });
}

async function listened(listen: () => Promise<void>): Promise<SocketPlace> {
  try {
    await listen();
    return { kind: 'open' };
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return { kind: 'in-use' };
    throw error;
  }
}

/** The socket is 0600 from its first moment, for systems that look at it: the path is bound before `act` first waits. */
function privately<Value>(act: () => Promise<Value>): Promise<Value> {
  const before = process.umask(PRIVATE_UMASK);
  try {
    return act();
  } finally {
    process.umask(before);
  }
}
