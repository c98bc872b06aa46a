import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach } from 'vitest';

/** A home folder of its own for each test. */
export interface TemporaryHome {
  /** The folder of the running test. */
  readonly path: () => string;
  /** Writes a file below it, with exactly this mode; folders on the way are 0700. */
  readonly write: (name: string, text: string | Uint8Array, mode?: number) => Promise<string>;
}

/** Registers the hooks that make and remove the folder. */
export function useTemporaryHome(): TemporaryHome {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'platform-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  return {
    path: () => home,
    write: async (name, text, mode = 0o600) => {
      const path = join(home, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, text);
      // The mode of writeFile goes through the umask; this does not.
      await chmod(path, mode);
      return path;
    },
  };
}

/** The effective user, as the adapters see it. */
export const ownUid = process.geteuid?.() ?? null;
