import type { Engine } from '../engine/index';
import type { Logger, SecretStore } from '../engine/ports';
import { createFileWatch } from '../platform/file-watch';
import type { Machine } from '../platform/machine';

/** How often the marker is looked for where its folder is not there yet; where there is one, the system tells. */
const POLL_MS = 500;

/** What follows the marker. */
export interface LockdownParts {
  readonly machine: Pick<Machine, 'lockdown' | 'keychain'>;
  readonly memory: SecretStore;
  readonly engine: Pick<Engine, 'setLockdown' | 'onEvent'>;
  readonly logger: Pick<Logger, 'error'>;
}

/** Locks the engine while the marker is there. Resolves when the first look has taken effect; ends with the engine. */
export async function followLockdown({ machine, memory, engine, logger }: LockdownParts): Promise<void> {
  const { lockdown, keychain } = machine;
  const { path } = lockdown;
  if (path === null) return;
  let turn: Promise<void> = Promise.resolve();
  const apply = async (): Promise<void> => {
    const found = await lockdown.look();
    const locked = engine.setLockdown(found);
    if (found !== null) {
      keychain.forget();
      for (const { name } of await memory.list()) await memory.delete(name);
    }
    await locked;
  };
  const look = (): Promise<void> => {
    turn = turn.then(apply).catch((error: unknown) => {
      const text = error instanceof Error ? error.stack : String(error);
      logger.error('following the lockdown failed by a mistake of ours', { error: text });
    });
    return turn;
  };
  const watch = createFileWatch({ pollMs: POLL_MS, onChange: () => void look() });
  engine.onEvent(({ kind }) => {
    if (kind === 'engine-stopped') watch.close();
  });
  // Watched before it is looked at, so that nothing falls between the two.
  await watch.follow([path]);
  await look();
}
