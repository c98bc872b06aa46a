import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import type { DesktopFigures, DesktopRound } from '../bench/desktop-report.mjs';
import { heldMemory, processorSeconds, processTree } from '../bench/process-tree.mjs';
import type { DesktopSession } from '../support/desktop-app';
import { artifactsFolder, isSandboxImpossible, startDesktopSession } from '../support/desktop-app';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import type { TrayWatcher } from '../support/tray-watcher';
import { startTrayWatcher } from '../support/tray-watcher';

const ROUNDS = 3;
/** After a start or a change, until the app has nothing left to do. */
const SETTLE_MS = 4000;
/** The overview counts the seconds of a connection up to a minute. */
const FIRST_MINUTE_MS = 60_000;
const IDLE_SECONDS = 10;

let gateway: Gateway;
let session: DesktopSession;
let tray: TrayWatcher;
let notes: string;

beforeAll(async () => {
  gateway = await startGateway();
  session = await startDesktopSession('unlocked');
  tray = await startTrayWatcher(session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '');
  const folder = join(session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = `gateway: { url: ${JSON.stringify(gateway.url)}, auth: { type: none } }\n`;
  await writeFile(join(folder, 'mcp-router.yaml'), text, { mode: 0o600 });
  notes = join(session.home, 'figures');
});

afterAll(async () => {
  tray.close();
  await session.close();
  await gateway.stop();
});

/** When windows became true, in epoch milliseconds. */
async function trueWindows(count: number): Promise<readonly number[]> {
  const read = async (): Promise<readonly number[]> =>
    (await readFile(notes, 'utf8')).split('\n').filter(Boolean).map(Number);
  await expect.poll(async () => (await read()).length, { timeout: 60_000 }).toBe(count);
  return read();
}

/** Processor time and memory of an app that has nothing to do. */
async function idle(root: number): Promise<{ share: number; memory: ReturnType<typeof heldMemory> }> {
  await pause(SETTLE_MS);
  const pids = processTree(root);
  const [before, startedAt] = [processorSeconds(pids), performance.now()];
  await pause(IDLE_SECONDS * 1000);
  const share = (processorSeconds(pids) - before) / ((performance.now() - startedAt) / 1000);
  return { share, memory: heldMemory(processTree(root)) };
}

async function startApp(): Promise<ChildProcess> {
  const { executablePath, args } = launchable(await resolveElectron());
  const sandbox = isSandboxImpossible() ? ['--no-sandbox'] : [];
  const preloaded = ['-r', join(import.meta.dirname, 'report-window.cjs')];
  return spawn(executablePath, [...sandbox, ...preloaded, ...args], {
    env: {
      ...process.env,
      MCP_METRICS_ENABLED: 'false',
      ...session.environment,
      MCP_ROUTER_FIGURES_FILE: notes,
    },
    stdio: 'ignore',
  });
}

async function measureRound(): Promise<{ round: DesktopRound; memoryKind: 'PSS' | 'RSS' }> {
  await writeFile(notes, '');
  const startedAt = Date.now();
  const app = await startApp();
  const [shownAt = NaN] = await trueWindows(1);
  await tray.waitForItem();
  const root = app.pid ?? NaN;
  const first = await idle(root);
  await pause(FIRST_MINUTE_MS - (Date.now() - shownAt));
  const open = await idle(root);
  app.kill('SIGUSR2');
  const closed = await idle(root);
  const clickedAt = Date.now();
  await tray.click('Open MCP Router');
  const [, openedAt = NaN] = await trueWindows(2);
  const ended = once(app, 'exit');
  app.kill('SIGTERM');
  await ended;
  const round = {
    startMs: shownAt - startedAt,
    trayMs: openedAt - clickedAt,
    firstShare: first.share,
    openShare: open.share,
    closedShare: closed.share,
    openBytes: open.memory.bytes,
    closedBytes: closed.memory.bytes,
  };
  return { round, memoryKind: open.memory.kind };
}

it('measures the app, round by round', async () => {
  const measured: Awaited<ReturnType<typeof measureRound>>[] = [];
  for (let number = 1; number <= ROUNDS; number += 1) {
    const one = await measureRound();
    process.stderr.write(`round ${String(number)}: ${JSON.stringify(one.round)}\n`);
    measured.push(one);
  }
  const { version } = await resolveElectron();
  const figures: DesktopFigures = {
    electron: version,
    memoryKind: measured[0]?.memoryKind ?? 'RSS',
    idleSeconds: IDLE_SECONDS,
    rounds: measured.map(({ round }) => round),
  };
  await mkdir(artifactsFolder(), { recursive: true });
  await writeFile(join(artifactsFolder(), 'desktop-figures.json'), JSON.stringify(figures, null, 2));
});
