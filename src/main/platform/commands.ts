import { spawn, type ChildProcess } from 'node:child_process';

import type { CommandOutcome, Commands } from '../engine/ports';
import { systemReason } from './guarded-file';
import { expandHome, type Place } from './paths';

type Limits = Parameters<Commands['run']>[1];

/** Runs programs of the user without a shell, each in a process group of its own so that nothing of it stays behind. */
export function createCommands(place: Place): Commands {
  return {
    run: (argv, limits) => {
      const [program = '', ...args] = argv;
      return runOnce(expandHome(program, place) ?? program, args, { place, limits });
    },
  };
}

interface RunContext {
  readonly place: Place;
  readonly limits: Limits;
}

function runOnce(program: string, args: readonly string[], context: RunContext): Promise<CommandOutcome> {
  const { place, limits } = context;
  if (program === '') return Promise.resolve({ kind: 'not-startable', reason: 'its name is empty' });
  return new Promise((resolve) => {
    const isGrouped = place.platform !== 'win32';
    const child = spawn(program, [...args], {
      env: { ...place.env },
      // What it says on stderr may hold anything, so it goes nowhere.
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: false,
      detached: isGrouped,
      windowsHide: true,
    });
    let ending: CommandOutcome | null = null;
    const chunks: Buffer[] = [];
    let length = 0;
    const endWith = (outcome: CommandOutcome): void => {
      ending ??= outcome;
      killAll(child, isGrouped);
    };
    const late = setTimeout(() => {
      endWith({ kind: 'timed-out' });
      // Something of it may have left the group and still hold the pipe.
      child.stdout.destroy();
    }, limits.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxOutputBytes) endWith({ kind: 'too-much-output' });
      else chunks.push(chunk);
    });
    child.once('error', (error) => {
      clearTimeout(late);
      resolve({ kind: 'not-startable', reason: systemReason(error) });
    });
    child.once('close', (exitCode, signal) => {
      clearTimeout(late);
      resolve(ending ?? outcomeOf(exitCode, signal, Buffer.concat(chunks)));
    });
  });
}

function outcomeOf(exitCode: number | null, signal: string | null, output: Buffer): CommandOutcome {
  if (exitCode === 0) return { kind: 'done', output: output.toString('utf8') };
  if (exitCode !== null) return { kind: 'failed', exitCode };
  return { kind: 'killed', signal: signal ?? 'unknown' };
}

function killAll(child: ChildProcess, isGrouped: boolean): void {
  if (child.pid === undefined) return;
  if (!isGrouped) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already (ESRCH), which is what was wanted.
    child.kill('SIGKILL');
  }
}
