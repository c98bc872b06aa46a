import { createHeadlessRouter, type ProcessFacts } from '../compose';

import type { RunFlags } from './args';
import type { Signals } from './process-parts';
import { follow } from './stdio';

/**
 * Stays up with the gateway connected until a signal comes (guide: Process Isolation).
 *
 * @returns the exit code
 */
export async function runServe(flags: RunFlags, facts: ProcessFacts, signals: Signals): Promise<number> {
  const start = await createHeadlessRouter(facts, flags, { hasKeeper: true });
  if (start.kind === 'refused') {
    for (const problem of start.problems) facts.stderr.write(`mcp-router: ${problem}\n`);
    return 1;
  }
  const { router } = start;
  follow(router, signals);
  router.engine.start();
  if (router.config.local.socket.enabled) await router.openSocket();
  await signals.toldToStop;
  await router.close();
  return 0;
}
