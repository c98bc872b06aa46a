import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { Evidence } from './search';

/** A place where a secret may be, and why; everywhere else it is a leak. */
export interface AllowedPlace {
  /** Of the path below the folder that is searched. */
  readonly path: RegExp;
  readonly reason: string;
}

/** Every file below a folder, apart from where secrets may be; links by where they lead, other things by their names. */
export function* filesBelow(folder: string, allowed: readonly AllowedPlace[] = []): Generator<Evidence> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const place = relative(folder, path);
    if (allowed.some(({ path: pattern }) => pattern.test(place))) continue;
    if (entry.isFile()) yield { place, bytes: contentOf(path) };
    else yield { place, bytes: Buffer.from(entry.isSymbolicLink() ? readlinkSync(path) : '') };
  }
}

/** Files that hold a secret by right, which nobody but their user may read. */
export function openToOthers(folder: string, allowed: readonly AllowedPlace[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const place = relative(folder, path);
    const isAllowed = entry.isFile() && allowed.some(({ path: pattern }) => pattern.test(place));
    return isAllowed && (lstatSync(path).mode & 0o077) !== 0 ? [place] : [];
  });
}

/** Files of a running program come and go. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

const SAMPLE_MS = 40;
/** A program shows its own command line a moment after it was started with its parent's. */
const LOOKS = 3;

/** Notes the command lines of the programs of this machine that start while it looks. Linux only. */
export class CommandLines {
  private readonly seen = new Map<string, number>();
  private readonly lines = new Set<string>();
  private readonly timer = setInterval(() => this.look(), SAMPLE_MS);

  /** Looks now. */
  look(): void {
    for (const name of readdirSync('/proc')) {
      const looks = this.seen.get(name) ?? 0;
      if (!/^\d+$/.test(name) || looks >= LOOKS) continue;
      const line = contentIfThere(`/proc/${name}/cmdline`);
      if (line === '') continue;
      this.lines.add(line.replaceAll('\0', ' '));
      this.seen.set(name, looks + 1);
    }
  }

  stop(): Evidence {
    this.look();
    clearInterval(this.timer);
    return { place: 'command lines', bytes: Buffer.from([...this.lines].join('\n')) };
  }
}

function contentIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
