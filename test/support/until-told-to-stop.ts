import { fstatSync } from 'node:fs';

/** Resolves with the reason when SIGTERM, SIGINT or SIGHUP comes, or when a parent that holds our stdin closes it or dies. */
export function untilToldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(signal, () => {
        resolve(signal);
      });
    if (!hasParentOnStdin()) return;
    const onEnd = (): void => {
      resolve('stdin closed');
    };
    process.stdin.once('end', onEnd).once('error', onEnd).resume();
  });
}

/** A terminal or the null device says nothing about a parent. */
function hasParentOnStdin(): boolean {
  const kind = fstatSync(process.stdin.fd);
  return kind.isFIFO() || kind.isSocket();
}
