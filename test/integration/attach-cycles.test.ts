import { readdirSync, readFileSync } from 'node:fs';

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
  readonly mebibytes: number;
}

/** What a process holds; zeros where the system does not tell (not Linux). */
function usageOf({ child: { pid } }: RouterProcess): Usage {
  if (process.platform !== 'linux' || pid === undefined)
    return { files: 0, threads: 0, children: 0, mebibytes: 0 };
  const folder = `/proc/${String(pid)}`;
  const status = readFileSync(`${folder}/status`, 'utf8');
  return {
    files: readdirSync(`${folder}/fd`).length,
    threads: readdirSync(`${folder}/task`).length,
    children: readFileSync(`${folder}/task/${String(pid)}/children`, 'utf8')
      .split(' ')
      .filter(Boolean).length,
    mebibytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
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

it('1,000 clients come and go, 50 at once, and leave nothing behind', async () => {
  bench.configure('local: { max_sessions: 200, rate_limit: { enabled: false } }\n');
  const router = await bench.serve();
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
  await expect.poll(() => usageOf(router).files).toBeLessThanOrEqual(before.files);
  expect(after.threads).toBeLessThanOrEqual(before.threads);
  expect(after.children).toBe(0);
  // 800 sessions that stayed would be far above this.
  expect(after.mebibytes).toBeLessThan(before.mebibytes * 1.5 + 16);
  expect(readdirSync(bench.folder)).toEqual(process.platform === 'win32' ? [] : ['router.sock']);
  router.child.kill('SIGTERM');
  expect(await router.exited).toBe(0);
}, 300_000);
