import { fstatSync } from 'node:fs';

import { attach, dialRouter, usualPaths } from '../attach/attach';
import { chooseAttachment, derivedVariables, ownVariables } from '../attach/attach-choice';
import { keepCompiledCode } from '../attach/compiled-code';
import type { ProcessFacts } from '../platform/process-facts';

import { helpText, modeFor, parseCommandLine, type Command, type RunFlags, type StdinFacts } from './args';
import { EXIT_USAGE } from './command-io';
import { listenToSignals } from './process-parts';

/** Put in by the build, from package.json. */
declare const __APP_VERSION__: string;

/** What the command line starts from. */
export interface CommandLineStart {
  readonly facts: ProcessFacts;
  /** Whoever started this process said so; otherwise what stdin is decides. */
  readonly isClientOnStdin: boolean;
}

/** Keeps the process alive while only timers of the engine, which do not, are left. */
const HOLD_MS = 2_147_483_647;

function stdinFacts(): StdinFacts | null {
  try {
    return { isTerminal: process.stdin.isTTY, isCharacterDevice: fstatSync(0).isCharacterDevice() };
  } catch {
    return null; // stdin is closed: nobody can speak to us there
  }
}

async function run(flags: RunFlags, { facts, isClientOnStdin }: CommandLineStart): Promise<number> {
  const say = (text: string): void => {
    if (!flags.isQuiet) facts.stderr.write(`mcp-router: ${text}\n`);
  };
  if (!isClientOnStdin && modeFor(stdinFacts()) === 'serve') {
    say('no client on stdin, so it serves until it is stopped');
    return whole({ kind: 'serve', flags }, facts);
  }
  const choice = chooseAttachment(flags, await ownVariables(facts.env, derivedVariables));
  if (choice.kind === 'own-engine') {
    say(`runs its own engine, because ${choice.reason}`);
    return whole({ kind: 'run', flags }, facts);
  }
  if (choice.ignored.length > 0) say(`--attach-only: ${choice.ignored.join(', ')} has no effect`);
  return attachOr(flags, { facts, isForced: choice.isForced, say });
}

interface Attaching {
  readonly facts: ProcessFacts;
  /** Served by a router that runs, or by nobody. */
  readonly isForced: boolean;
  readonly say: (text: string) => void;
}

/** Attaches to the router at the usual place, or the one that the configuration names. */
async function attachOr(flags: RunFlags, { facts, isForced, say }: Attaching): Promise<number> {
  let paths = usualPaths(facts);
  let dialed = await dialRouter(paths, facts);
  if (dialed.kind === 'absent') {
    const { configuredPath } = await import('./whole');
    const configured = await configuredPath(facts);
    if (configured !== null) {
      paths = [configured];
      dialed = await dialRouter(paths, facts);
    }
  }
  const { path } = dialed;
  if (dialed.kind === 'refused') say(`does not attach: ${dialed.problem}`);
  if (!isForced && (dialed.kind === 'absent' || dialed.kind === 'refused')) {
    say(
      `runs its own engine, because no router ${dialed.kind === 'absent' ? 'listens' : 'can be trusted'} on ${path}`,
    );
    return whole({ kind: 'run', flags }, facts);
  }
  say(dialed.kind === 'open' ? `attached to the router on ${path}` : `waits for a router on ${path}`);
  const signals = listenToSignals(process);
  // The router's business; without a listener the signal would end this process.
  signals.onReload(() => undefined);
  const socket = dialed.kind === 'open' ? dialed.socket : null;
  const { waitMs } = flags;
  await attach({ facts, streams: process, paths, socket, waitMs, say, toldToStop: signals.toldToStop });
  return 0;
}

/** Everything but attaching is in a bundle of its own, because loading it takes longer than attaching. */
async function whole(command: Command, facts: ProcessFacts): Promise<number> {
  // The packed app has one file, and runs nothing that lies outside of it.
  if (!facts.program.isPacked) await keepCompiledCode(facts, facts.uid);
  const { perform } = await import('./whole');
  return perform(command, facts);
}

async function start(command: Command, parts: CommandLineStart): Promise<number> {
  switch (command.kind) {
    case 'run':
      return run(command.flags, parts);
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(`${__APP_VERSION__}\n`);
      return 0;
    case 'mistake':
      parts.facts.stderr.write(`mcp-router: ${command.message}\n`);
      return EXIT_USAGE;
    case 'serve':
    case 'config':
    case 'token':
    case 'sign-in':
    case 'sign-out':
    case 'clients':
    case 'audit':
    case 'doctor':
    case 'lockdown':
    case 'incident':
      return whole(command, parts.facts);
  }
}

/**
 * Does what the arguments after the program's name ask for; nothing is left to do when it resolves.
 *
 * @returns the exit code
 */
export async function runCommandLine(argv: readonly string[], parts: CommandLineStart): Promise<number> {
  // A log reader that went away must not end the router.
  process.stderr.on('error', () => undefined);
  const hold = setInterval(() => undefined, HOLD_MS);
  try {
    return await start(parseCommandLine(argv), parts);
  } finally {
    clearInterval(hold);
  }
}
