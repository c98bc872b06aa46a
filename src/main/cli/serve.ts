import { createHeadlessRouter, type Adapters } from '../compose';

import type { RunFlags } from './args';
import type { Signals } from './process-parts';
import { follow } from './stdio';

/**
 * Stays up with the gateway connected until a signal comes (guide: Process Isolation).
 *
 * @returns the exit code
 */
export async function runServe(flags: RunFlags, adapters: Adapters, signals: Signals): Promise<number> {
  const start = await createHeadlessRouter(adapters, flags, { hasKeeper: true });
  if (start.kind === 'refused') {
    for (const problem of start.problems) adapters.facts.stderr.write(`mcp-router: ${problem}\n`);
    return 1;
  }
  const { router } = start;
  // First, because a signal that nobody listens to ends the process.
  follow(router, signals);
  await router.openDoor();
  router.engine.start();
  await signals.toldToStop;
  await router.close();
  return 0;
}
