import { readdir, readFile, readlink, stat } from 'node:fs/promises';

import type { Commands } from '../../engine/ports';
import { variableIn } from '../environment';
import { errorCode } from '../guarded-file';
import type { Place } from '../paths';
import { clientPlatform, type RunningTraces } from './client-app';

/** Whether an app runs; `unknown` counts as running, because writing would lose the change. */
export type RunningVerdict = 'running' | 'not-running' | 'unknown';

/** Asks the system about processes. */
export interface RunningApps {
  isRunning(traces: RunningTraces): Promise<RunningVerdict>;
}

const LIMITS = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 } as const;

/** @param procFolder where Linux shows its processes; another one in tests */
export function createRunningApps(
  parts: { readonly place: Place; readonly uid: number | null; readonly commands: Commands },
  procFolder = '/proc',
): RunningApps {
  return {
    isRunning: async (traces) => {
      switch (clientPlatform(parts.place.platform)) {
        case 'linux':
          return seen(await linuxProcesses(procFolder, parts.uid), traces.linux);
        case 'darwin':
          return seen(await linesOf(['/bin/ps', '-axww', '-o', 'comm='], parts.commands), traces.darwin);
        case 'win32':
          return onWindows(traces.win32, parts);
      }
    },
  };
}

function seen(processes: readonly string[] | null, traces: readonly RegExp[]): RunningVerdict {
  if (processes === null) return 'unknown';
  return processes.some((one) => traces.some((trace) => trace.test(one))) ? 'running' : 'not-running';
}

/** Program and first argument of each process of this user; null where there is no such folder. */
async function linuxProcesses(folder: string, uid: number | null): Promise<readonly string[] | null> {
  let ids: readonly string[];
  try {
    ids = (await readdir(folder)).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return null;
  }
  if (ids.length === 0) return null;
  const found = await Promise.all(ids.map((id) => linuxProcess(`${folder}/${id}`, uid)));
  return found.flat();
}

async function linuxProcess(folder: string, uid: number | null): Promise<readonly string[]> {
  try {
    if (uid !== null && (await stat(folder)).uid !== uid) return [];
    const [first = '', second = ''] = (await readFile(`${folder}/cmdline`, 'utf8')).split('\0');
    // Packages of Linux start a common Electron with the app's archive as its argument.
    const archive = second.endsWith('.asar') ? [second] : [];
    return [first, ...archive, await programOf(folder)];
  } catch (error) {
    if (errorCode(error) === '') throw error;
    // It ended meanwhile.
    return [];
  }
}

async function programOf(folder: string): Promise<string> {
  try {
    return await readlink(`${folder}/exe`);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return '';
  }
}

async function linesOf(argv: readonly string[], commands: Commands): Promise<readonly string[] | null> {
  const outcome = await commands.run(argv, LIMITS);
  return outcome.kind === 'done' ? outcome.output.split(/\r?\n/) : null;
}

/** `tasklist` knows names only; where the name is there, PowerShell tells the paths. */
async function onWindows(
  { image, paths }: RunningTraces['win32'],
  { place, commands }: { readonly place: Place; readonly commands: Commands },
): Promise<RunningVerdict> {
  const system = `${variableIn(place.env, 'SystemRoot') ?? 'C:\\Windows'}\\System32`;
  const tasks = [`${system}\\tasklist.exe`, '/FO', 'CSV', '/NH', '/FI', `IMAGENAME eq ${image}`];
  const named = await linesOf(tasks, commands);
  if (named === null) return 'unknown';
  if (!named.some((line) => line.toLowerCase().startsWith(`"${image}"`))) return 'not-running';
  const name = image.replace(/\.exe$/, '');
  const query = `Get-Process -Name ${name} -ErrorAction SilentlyContinue | ForEach-Object { $_.Path }`;
  const shell = `${system}\\WindowsPowerShell\\v1.0\\powershell.exe`;
  const found = await linesOf([shell, '-NoProfile', '-NonInteractive', '-Command', query], commands);
  // A process without a path may be the app.
  if (found === null || found.every((line) => line.trim() === '')) return 'running';
  return seen(found, paths);
}
