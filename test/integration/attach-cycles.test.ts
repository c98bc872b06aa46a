import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { ask, AttachBench, initialize, killed } from '../support/attach-bench';
import type { RouterProcess } from '../support/router-process';

const CYCLES = 1000;
const AT_ONCE = 50;
/** From here on nothing new has to be loaded or grown. */
const WARM_UP = 200;

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start();
});

afterEach(async () => {
  await bench.stop();
});

interface Usage {
  readonly files: number;
  readonly threads: number;
  readonly children: number;
  readonly residentMiB: number;
  /** What is left when garbage is collected. */
  readonly heapMiB: number;
}

/** What a process holds. */
async function usageOf(router: RouterProcess): Promise<Usage> {
  const { pid } = router.child;
  const heaps = (): readonly string[] => router.stderr.match(/(?<=heap after collecting: )\d+\n/g) ?? [];
  const told = heaps().length;
  router.child.kill('SIGUSR2');
  await router.until('its heap', () => heaps().length > told);
  const folder = `/proc/${String(pid)}`;
  const status = readFileSync(`${folder}/status`, 'utf8');
  return {
    files: readdirSync(`${folder}/fd`).length,
    threads: readdirSync(`${folder}/task`).length,
    children: readFileSync(`${folder}/task/${String(pid)}/children`, 'utf8')
      .split(' ')
      .filter(Boolean).length,
    residentMiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    heapMiB: Number(heaps().at(-1)) / 2 ** 20,
  };
}

/** Attaches, works, and leaves: in order, by a signal, or without a word. */
async function visit(cycle: number): Promise<void> {
  const client = bench.spawn(['--attach-only', '--wait', '60']);
  client.send(initialize);
  expect(await client.reply(0, 60_000)).toHaveProperty('result');
  client.send(ask(1));
  if (cycle % 4 === 3) {
    await killed(client);
    return;
  }
  expect(await client.reply(1, 60_000)).toHaveProperty('result');
  if (cycle % 4 === 2) client.child.kill('SIGTERM');
  else client.child.stdin?.end();
  expect(await client.exited).toBe(0);
}

it.skipIf(process.platform !== 'linux')(
  '1,000 clients come and go, 50 at once, and leave nothing behind',
  async () => {
    bench.configure('local: { max_sessions: 200, rate_limit: { enabled: false } }\n');
    const router = await bench.serve({
      NODE_OPTIONS: `--require ${resolve('test/support/heap-on-signal.cjs')}`,
    });
    let next = 0;
    const visitUntil = async (end: number): Promise<Usage> => {
      const worker = async (): Promise<void> => {
        while (next < end) {
          next += 1;
          await visit(next);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      await bench.gateway.until('only the keeper', ({ connections }) => connections.length === 1, 30_000);
      const count = (what: RegExp): number => router.stderr.match(what)?.length ?? 0;
      await router.until(
        'all sessions closed',
        () => count(/client left/g) === count(/client attached/g),
        30_000,
      );
      expect(count(/client attached/g)).toBe(end);
      return usageOf(router);
    };
    const before = await visitUntil(WARM_UP);
    const after = await visitUntil(CYCLES);
    expect(after.files).toBeLessThanOrEqual(before.files);
    expect(after.threads).toBeLessThanOrEqual(before.threads);
    expect(after.children).toBe(0);
    // 800 sessions that stay take 10 MiB.
    expect(after.heapMiB - before.heapMiB).toBeLessThan(5);
    expect(after.residentMiB).toBeLessThan(before.residentMiB * 2);
    expect(readdirSync(bench.folder)).toEqual(['router.sock']);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  },
  300_000,
);
