import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';

import { errorCode } from './guarded-file';

/** Whether a socket may be opened at a path. */
export type SocketPlace =
  | { readonly kind: 'free' }
  | { readonly kind: 'in-use' }
  /** `problem` says what is wrong and what to run. */
  | { readonly kind: 'refused'; readonly problem: string };

const FOLDER_MODE = 0o700;
const SOCKET_MODE = 0o600;
const OTHERS = 0o077;

/**
 * Makes sure that only this user can reach a socket at `path`: its folder is made 0700 or has to be, and belong to
 * this user. A socket that a dead process left behind is removed; one that answers is in use.
 *
 * @param uid effective user id; null on Windows, where a pipe is private to its user by default
 */
export async function prepareSocketPath(path: string, uid: number | null): Promise<SocketPlace> {
  if (uid === null) return { kind: 'free' };
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const { mode, uid: owner } = await lstat(folder);
  if (owner !== uid) return { kind: 'refused', problem: `the folder ${folder} belongs to another user` };
  if ((mode & OTHERS) !== 0) {
    return {
      kind: 'refused',
      problem: `other users can enter the folder of the socket; run: chmod 700 ${folder}`,
    };
  }
  return clearPath(path);
}

/** The socket itself is 0600 too, for systems that look at it. */
export async function protectSocket(path: string, uid: number | null): Promise<void> {
  if (uid !== null) await chmod(path, SOCKET_MODE);
}

async function clearPath(path: string): Promise<SocketPlace> {
  try {
    const found = await lstat(path);
    if (!found.isSocket()) return { kind: 'refused', problem: `${path} exists and is not a socket` };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'free' };
    throw error;
  }
  if (await isAnswered(path)) return { kind: 'in-use' };
  await unlink(path);
  return { kind: 'free' };
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
