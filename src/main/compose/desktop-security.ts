import type { CommandResult } from '../../shared/ipc/contract';
import {
  RELEASE_WORD,
  type Lockdown,
  type LockdownChange,
  type LockdownSource,
} from '../../shared/model/lockdown';
import type { PostureReport } from '../../shared/model/posture';
import type { Engine } from '../engine/index';
import type { Machine } from '../platform/machine';

import { postureReport, type PostureAsker } from './posture';

/** The checklist and the lockdown, as tray and window have them. */
export interface DesktopSecurity {
  posture(): Promise<PostureReport>;
  /** What the marker says; null: not locked down. */
  lockdown(): Promise<Lockdown | null>;
  lockDown(by: LockdownSource): Promise<CommandResult>;
  /** @param word what the person has typed */
  release(word: string): Promise<CommandResult>;
}

/** @param engine the one that runs; undefined before there is one */
export function desktopSecurity(
  machine: Machine,
  asker: PostureAsker,
  engine: () => Engine | undefined,
): DesktopSecurity {
  return {
    posture: () => postureReport(machine, asker),
    lockdown: () => machine.lockdown.look(),
    lockDown: async (by) => {
      const change = await machine.lockdown.set(by);
      if (change.kind !== 'failed') {
        await engine()?.setLockdown(await machine.lockdown.look());
        return { ok: true };
      }
      // Better this program alone than nothing at all.
      const problem = `it ends with this program, because its marker cannot be written: ${change.reason}`;
      await engine()?.setLockdown({ since: Date.now(), by, problem });
      return failed(`Other programs are not locked down, and ${problem}.`);
    },
    release: async (word) => {
      if (word !== RELEASE_WORD) return failed(`Type "${RELEASE_WORD}" to end the lockdown.`);
      const change: LockdownChange = await machine.lockdown.clear();
      if (change.kind === 'failed') return failed(`It stays locked down: ${change.reason}`);
      await engine()?.setLockdown(await machine.lockdown.look());
      return { ok: true };
    },
  };
}

const failed = (detail: string): CommandResult => ({
  ok: false,
  code: 'locked-down',
  message: detail,
});
