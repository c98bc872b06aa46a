import { constants } from 'node:fs';
import { open, readdir, readFile, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';

import { RouterError } from '../../shared/model/errors';
import type {
  AuditArchive,
  AuditRemains,
  AuditSink,
  AuditSlot,
  AuditSlotTaking,
  AuditStep,
} from '../engine/ports';
import { writeFileAtomically } from './atomic-file';
import { holdLock, type HeldLock } from './audit-lock';
import { MAX_SLOTS, slotNames, type SlotNames } from './audit-names';
import { makeFolder } from './folder';
import { errorCode, folderChainDanger, systemReason } from './guarded-file';
import { defaultAuditPath, expandHome, pathRules, type Place } from './paths';
import { createProcessLocks } from './process-lock';

/** What the audit log depends on. */
export interface AuditSinkOptions {
  readonly place: Place;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly masked: (text: string) => string;
}

const PRIVATE_FILE = 0o600;
/** The end of a file that is looked at for the last record. */
const TAIL_BYTES = 256 * 1024;
/** Taking a slot lasts milliseconds. */
const TAKING_LIMIT_MS = 10_000;
const LINE_FEED = 0x0a;
const DONE: AuditStep = { kind: 'done' };

/** The path of the audit log; undefined when it lies below a home folder that there is not. */
export const auditPath = (output: string | undefined, place: Place): string | undefined =>
  output === undefined ? defaultAuditPath(place) : expandHome(output, place);

/** The audit log as files: one slot for each process. */
export function createAuditSink(options: AuditSinkOptions): AuditSink {
  return {
    masked: options.masked,
    open: async (output) => {
      const path = auditPath(output, options.place);
      if (path === undefined) return { kind: 'failed', reason: 'this user has no home folder' };
      try {
        return await takeSlot(path, options);
      } catch (error) {
        if (errorCode(error) === '' && !(error instanceof RouterError)) throw error;
        return {
          kind: 'failed',
          reason: `${path}: ${error instanceof RouterError ? error.detail : systemReason(error)}`,
        };
      }
    },
  };
}

async function takeSlot(output: string, { place, uid }: AuditSinkOptions): Promise<AuditSlotTaking> {
  const { dirname, join } = pathRules(place.platform);
  const folder = dirname(output);
  await makeFolder(folder);
  const danger = await folderChainDanger(await realpath(folder), { platform: place.platform, who: { uid } });
  if (danger !== null) return { kind: 'failed', reason: danger };
  // Short: only for as long as it takes to find a free slot.
  const locks = createProcessLocks(join(folder, '.audit-locks'));
  return locks.exclusively(output, TAKING_LIMIT_MS, async () => {
    for (let slot = 1; slot <= MAX_SLOTS; slot += 1) {
      const names = slotNames(output, slot, place.platform);
      const lock = await holdLock(names.lock);
      if (lock === null) continue;
      try {
        return { kind: 'opened', slot: await FileSlot.open(names, lock, place.platform) };
      } catch (error) {
        await lock.release();
        throw error;
      }
    }
    return { kind: 'failed', reason: `${String(MAX_SLOTS)} processes write it already` };
  });
}

interface OpenedFile {
  readonly names: SlotNames;
  readonly file: FileHandle;
  readonly bytes: number;
  readonly remains: AuditRemains;
}

class FileSlot implements AuditSlot {
  readonly remains: AuditRemains;
  private readonly names: SlotNames;
  private file: FileHandle;
  private bytes: number;

  constructor(
    { names, file, bytes, remains }: OpenedFile,
    private readonly lock: HeldLock,
    private readonly platform: NodeJS.Platform,
  ) {
    this.remains = remains;
    this.names = names;
    this.file = file;
    this.bytes = bytes;
  }

  static async open(names: SlotNames, lock: HeldLock, platform: NodeJS.Platform): Promise<FileSlot> {
    const file = await openFile(names.current, platform);
    try {
      const { lines, tornBytes, wholeBytes } = await endOf(file);
      if (tornBytes > 0) await file.truncate(wholeBytes);
      const head = await textIfThere(names.head);
      const found = lines.length > 0 ? lines : await newestArchived(names, platform);
      const remains = { lines: found, tornBytes, head };
      return new FileSlot({ names, file, bytes: wholeBytes, remains }, lock, platform);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.names.current;
  }

  get size(): number {
    return this.bytes;
  }

  append(lines: string): Promise<AuditStep> {
    return this.step(async () => {
      const changed = await this.strangeChange();
      if (changed !== null) return { kind: 'failed', reason: changed };
      const data = Buffer.from(lines, 'latin1');
      try {
        await this.file.appendFile(data);
      } catch (error) {
        // A part of it may be there; taking something off works on a full disk, too.
        await this.file.truncate(this.bytes).catch(() => undefined);
        throw error;
      }
      this.bytes += data.length;
      return DONE;
    });
  }

  sync(): Promise<AuditStep> {
    return this.step(async () => {
      await this.file.datasync();
      return DONE;
    });
  }

  writeHead(text: string): Promise<AuditStep> {
    return this.step(async () => {
      await writeFileAtomically(this.names.head, text, this.platform);
      return DONE;
    });
  }

  rotate(): Promise<AuditStep> {
    return this.step(async () => {
      await this.file.datasync();
      const last = (await archivesOf(this.names, this.platform)).at(-1) ?? 0;
      await rename(this.names.current, this.names.archive(last + 1));
      const before = this.file;
      this.file = await openFile(this.names.current, this.platform);
      this.bytes = 0;
      await before.close();
      return DONE;
    });
  }

  async surplus(keep: number): Promise<readonly AuditArchive[]> {
    const numbers = await archivesOf(this.names, this.platform);
    const names = numbers
      .slice(0, Math.max(0, numbers.length - keep))
      .map((number) => this.names.archive(number));
    return Promise.all(
      names.map(async (name) => ({ name, lastLine: (await endOfPath(name, this.platform)).at(-1) ?? null })),
    );
  }

  remove(names: readonly string[]): Promise<AuditStep> {
    return this.step(async () => {
      for (const name of names) await unlink(name);
      return DONE;
    });
  }

  async close(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await this.lock.release().catch(() => undefined);
  }

  /** Somebody else wrote it, cut it, or took it away. */
  private async strangeChange(): Promise<string | null> {
    const [ours, there] = await Promise.all([
      this.file.stat(),
      stat(this.names.current).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      }),
    ]);
    if (there?.ino !== ours.ino || there.dev !== ours.dev) return `${this.path} was moved or removed`;
    return ours.size === this.bytes ? null : `${this.path} was changed by another program`;
  }

  private async step(act: () => Promise<AuditStep>): Promise<AuditStep> {
    try {
      return await act();
    } catch (error) {
      if (errorCode(error) === '') throw error;
      return { kind: 'failed', reason: `${this.path}: ${systemReason(error)}` };
    }
  }
}

/** Opens for reading and appending, never through a link that somebody put there, for this user alone. */
async function openFile(path: string, platform: NodeJS.Platform): Promise<FileHandle> {
  const extra = platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(
    path,
    constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | extra,
    PRIVATE_FILE,
  );
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new RouterError('config-unreadable', 'it is not an ordinary file');
    if (platform !== 'win32' && (stats.mode & 0o077) !== 0) await file.chmod(PRIVATE_FILE);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface FileEnd {
  readonly lines: readonly string[];
  readonly tornBytes: number;
  readonly wholeBytes: number;
}

/** The last whole lines of a file, and what stands behind them. */
async function endOf(file: FileHandle): Promise<FileEnd> {
  const { size } = await file.stat();
  const from = Math.max(0, size - TAIL_BYTES);
  const buffer = Buffer.alloc(size - from);
  await file.read(buffer, 0, buffer.length, from);
  const end = buffer.lastIndexOf(LINE_FEED) + 1;
  const lines = buffer.toString('latin1', 0, end).split('\n').slice(0, -1);
  // The first one may have begun before what was read.
  const whole = from > 0 ? lines.slice(1) : lines;
  const isOneLongLine = end === 0 && from > 0;
  if (isOneLongLine) return { lines: [''], tornBytes: 0, wholeBytes: size };
  return { lines: whole, tornBytes: buffer.length - end, wholeBytes: from + end };
}

async function endOfPath(path: string, platform: NodeJS.Platform): Promise<readonly string[]> {
  const file = await open(path, platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return (await endOf(file)).lines;
  } finally {
    await file.close();
  }
}

/** The numbers of the older files, the oldest first. */
async function archivesOf(names: SlotNames, platform: NodeJS.Platform): Promise<readonly number[]> {
  const entries = await readdir(pathRules(platform).dirname(names.current));
  return entries
    .map((name) => names.archiveNumber(name))
    .filter((number) => number !== null)
    .sort((one, other) => one - other);
}

/** A process that died between putting a file aside and beginning the next one left the end of its chain there. */
async function newestArchived(names: SlotNames, platform: NodeJS.Platform): Promise<readonly string[]> {
  const newest = (await archivesOf(names, platform)).at(-1);
  return newest === undefined ? [] : endOfPath(names.archive(newest), platform);
}

async function textIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
