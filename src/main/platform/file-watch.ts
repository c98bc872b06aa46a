import { createHmac, randomBytes } from 'node:crypto';
import { constants, watch, type FSWatcher } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { errorCode, systemReason } from './guarded-file';

/** How files are watched. */
export interface FileWatchOptions {
  /** What these files hold has changed since they were last looked at, and has come to rest. */
  readonly onChange: (paths: readonly string[]) => void;
  /** How often files are looked at where the system does not tell of changes. */
  readonly pollMs: number;
  /** Told once for each folder that the system does not watch. */
  readonly onRemark?: (remark: string) => void;
}

/** Watches what a few small files hold. Only keyed hashes are kept, in memory. */
export interface FileWatch {
  /** Watches these files from now on, in place of those before; resolves when each was looked at. */
  follow(paths: readonly string[]): Promise<void>;
  /** What the files hold at this moment is known to whoever asks: only later changes are told. */
  accept(): Promise<void>;
  /** Why changes may go unnoticed; null when they do not. */
  problem(): string | null;
  close(): void;
}

/** Events of the system come in bursts; one look answers for all of them. */
const BURST_MS = 30;
/** Two looks in a row must agree, so that a file is not taken while it is being written. */
const REST_MS = 30;
const MAX_LOOKS = 20;
/** Also where the system tells of changes: network drives and container mounts keep some to themselves. */
const SAFETY_FACTOR = 10;
/** Above this, length and time stand for the content. */
const MAX_HASHED_BYTES = 1024 * 1024;
const OTHERS = 0o077;

/** Watches folders, because whoever replaces a file by renaming another one leaves a watch on the file behind. */
export function createFileWatch(options: FileWatchOptions): FileWatch {
  return new FolderWatch(options);
}

interface WatchedFolder {
  readonly watcher: FSWatcher | null;
  /** Tells a folder from another one that took its place. */
  readonly identity: string;
}

class FolderWatch implements FileWatch {
  /** Nobody can try out guesses against a hash without this key. */
  private readonly key = randomBytes(32);
  private readonly prints = new Map<string, string>();
  private readonly folders = new Map<string, WatchedFolder>();
  private names: ReadonlySet<string> = new Set();
  private blindness: string | null = null;
  private burst: NodeJS.Timeout | undefined;
  private poll: NodeJS.Timeout | undefined;
  private isClosed = false;
  /** One look at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FileWatchOptions) {}

  follow(paths: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      const wanted = new Set(paths);
      for (const path of this.prints.keys()) if (!wanted.has(path)) this.prints.delete(path);
      // Watched before it is looked at, so that nothing falls between the two.
      await this.arm([...wanted]);
      for (const path of wanted) {
        if (!this.prints.has(path)) this.prints.set(path, await this.printOf(path));
      }
      this.schedulePoll();
    });
  }

  accept(): Promise<void> {
    return this.inTurn(async () => {
      for (const path of this.prints.keys()) this.prints.set(path, await this.printOf(path));
    });
  }

  problem(): string | null {
    return this.blindness;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.burst);
    clearTimeout(this.poll);
    for (const { watcher } of this.folders.values()) watcher?.close();
    this.folders.clear();
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.turn.then(() => (this.isClosed ? undefined : act()));
    this.turn = done.catch(() => undefined);
    return done;
  }

  private lookSoon(): void {
    if (this.burst !== undefined || this.isClosed) return;
    this.burst = setTimeout(() => {
      this.burst = undefined;
      void this.inTurn(() => this.look());
    }, BURST_MS);
    this.burst.unref();
  }

  private schedulePoll(): void {
    clearTimeout(this.poll);
    if (this.isClosed) return;
    const isTold = [...this.folders.values()].every(({ watcher }) => watcher !== null);
    const pause = this.options.pollMs * (isTold ? SAFETY_FACTOR : 1);
    this.poll = setTimeout(() => {
      void this.inTurn(() => this.look()).finally(() => {
        this.schedulePoll();
      });
    }, pause);
    this.poll.unref();
  }

  private async look(): Promise<void> {
    const paths = [...this.prints.keys()];
    await this.arm(paths);
    const changed: string[] = [];
    for (const path of paths) {
      const print = await this.printAtRest(path);
      if (print === this.prints.get(path)) continue;
      this.prints.set(path, print);
      changed.push(path);
    }
    if (changed.length > 0 && !this.isStopped()) this.options.onChange(changed);
  }

  private isStopped(): boolean {
    return this.isClosed;
  }

  /** The print on which two looks agree; after enough of them the last one. */
  private async printAtRest(path: string): Promise<string> {
    let print = await this.printOf(path);
    if (print === this.prints.get(path)) return print;
    for (let looks = 1; looks < MAX_LOOKS; looks += 1) {
      await delay(REST_MS, undefined, { ref: false });
      const again = await this.printOf(path);
      if (again === print) break;
      print = again;
    }
    return print;
  }

  /** What tells whether somebody who reads the file would read something else. */
  private async printOf(path: string): Promise<string> {
    let file;
    try {
      file = await open(path, process.platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      return `not readable: ${errorCode(error)}`;
    }
    try {
      const stats = await file.stat();
      const who = `${String(stats.uid)}:${String(stats.mode & OTHERS)}`;
      if (!stats.isFile()) return `no file: ${who}`;
      if (stats.size > MAX_HASHED_BYTES)
        return `large: ${who}:${String(stats.size)}:${String(stats.mtimeMs)}`;
      return `${who}:${createHmac('sha256', this.key)
        .update(await file.readFile())
        .digest('hex')}`;
    } catch (error) {
      return `not readable: ${errorCode(error)}`;
    } finally {
      await file.close();
    }
  }

  /** Watches the folders of the files and of whatever links lead to; a folder that was replaced is watched anew. */
  private async arm(paths: readonly string[]): Promise<void> {
    const places = await Promise.all(paths.map(placesOf));
    this.names = new Set(places.flatMap(({ names }) => names));
    const wanted = new Set(places.flatMap(({ folders }) => folders));
    for (const [folder, { watcher }] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher?.close();
      this.folders.delete(folder);
    }
    this.blindness = null;
    for (const folder of wanted) await this.armFolder(folder);
  }

  private async armFolder(folder: string): Promise<void> {
    const before = this.folders.get(folder);
    const identity = await this.identityOf(folder);
    if (before !== undefined && before.identity === identity) return;
    before?.watcher?.close();
    const watcher = identity === '' ? null : this.watchFolder(folder);
    // A folder that is not there is looked for without a word: a file in it may come later.
    this.folders.set(folder, { watcher, identity });
  }

  private async identityOf(folder: string): Promise<string> {
    try {
      const { dev, ino } = await stat(folder);
      return `${String(dev)}:${String(ino)}`;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.blindness = `${folder}: ${systemReason(error)}`;
      return '';
    }
  }

  private watchFolder(folder: string): FSWatcher | null {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null || this.names.has(name)) this.lookSoon();
      });
      watcher.on('error', (error) => {
        this.giveUp(folder, watcher, error);
      });
      return watcher;
    } catch (error) {
      this.remark(folder, error);
      return null;
    }
  }

  private giveUp(folder: string, watcher: FSWatcher, error: unknown): void {
    watcher.close();
    const known = this.folders.get(folder);
    if (known?.watcher !== watcher || this.isClosed) return;
    this.folders.set(folder, { ...known, watcher: null });
    this.remark(folder, error);
    this.lookSoon();
    this.schedulePoll();
  }

  private remark(folder: string, error: unknown): void {
    this.options.onRemark?.(
      `the system does not tell of changes in ${folder} (${systemReason(error)}); its files are looked at every ${String(this.options.pollMs)} ms`,
    );
  }
}

interface Places {
  readonly folders: readonly string[];
  /** Names whose change may change what the path leads to. */
  readonly names: readonly string[];
}

/** Kubernetes swaps a secret by renaming a link (`..data`) that the link at the path goes through. */
async function placesOf(path: string): Promise<Places> {
  const folders = [dirname(path)];
  const names = [basename(path)];
  const target = await linkTarget(path);
  if (target !== null) {
    folders.push(dirname(target.real));
    names.push(basename(target.real), ...target.link.split(/[/\\]/));
  }
  return { folders, names };
}

async function linkTarget(path: string): Promise<{ readonly link: string; readonly real: string } | null> {
  try {
    return { link: await readlink(path), real: await realpath(path) };
  } catch {
    return null; // no link, or not there: its own folder tells when that changes
  }
}
