import { createHeadlessRouter, refuseClient, type HeadlessRouter, type Adapters } from '../compose';

import type { RunFlags } from './args';
import type { ProcessStreams, Signals } from './process-parts';

/**
 * Bridges stdin and stdout to the gateway until stdin ends or a signal comes (MCP stdio transport).
 *
 * @returns the exit code
 */
export async function runBridge(
  flags: RunFlags,
  adapters: Adapters,
  parts: { readonly streams: ProcessStreams; readonly signals: Signals },
): Promise<number> {
  const { streams, signals } = parts;
  const start = await createHeadlessRouter(adapters, flags, { hasKeeper: false });
  if (start.kind === 'refused') {
    for (const problem of start.problems) adapters.facts.stderr.write(`mcp-router: ${problem}\n`);
    await refuseClient(streams.stdin, streams.stdout, start.problems);
    return 1;
  }
  const { router } = start;
  follow(router, signals);
  await router.engine.serveMetrics();
  router.engine.start();
  await Promise.race([router.engine.serveStdio(streams.stdin, streams.stdout), signals.toldToStop]);
  await router.close();
  return 0;
}

/** SIGHUP reads configuration and credentials again (guide: Token Rotation). */
export function follow(router: HeadlessRouter, signals: Signals): void {
  signals.onReload(() => {
    void router.reload();
  });
}
