import { pathRules } from './paths';

/**
 * Each process writes files of its own, so that none waits for another and a killed one harms no other. The first slot has
 * the configured name, `audit.log`; further ones are `audit-2.log`, `audit-3.log`, ... Full files get a number behind their
 * name, `audit.log.1` being the oldest.
 */
export interface SlotNames {
  readonly current: string;
  readonly head: string;
  readonly lock: string;
  archive(number: number): string;
  /** The number of that file when it is an older one of this slot; null for others. Takes the name without its folder. */
  archiveNumber(name: string): number | null;
}

/** No more processes of a user write at the same time. */
export const MAX_SLOTS = 64;

/** The files of a slot; `slot` begins at 1. */
export function slotNames(output: string, slot: number, platform: NodeJS.Platform): SlotNames {
  const { dirname, basename, extname, join } = pathRules(platform);
  const extension = extname(output);
  const stem = basename(output, extension);
  const name = slot === 1 ? basename(output) : `${stem}-${String(slot)}${extension}`;
  const current = join(dirname(output), name);
  return {
    current,
    head: `${current}.head`,
    lock: `${current}.lock`,
    archive: (number) => `${current}.${String(number)}`,
    archiveNumber: (other) => {
      const number = other.startsWith(`${name}.`) ? other.slice(name.length + 1) : '';
      return /^[1-9]\d{0,8}$/.test(number) ? Number(number) : null;
    },
  };
}
