import { fstatSync } from 'node:fs';

import { attach, dialRouter, usualPaths } from '../attach/attach';
import { chooseAttachment, derivedVariables, ownVariables } from '../attach/attach-choice';
import { keepCompiledCode } from '../attach/compiled-code';
import { processFacts } from '../platform/process-facts';

import { helpText, modeFor, parseCommandLine, type Command, type RunFlags, type StdinFacts } from './args';
import { EXIT_USAGE } from './command-io';
import { listenToSignals } from './process-parts';

/** Put in by the build, from package.json. */
declare const __APP_VERSION__: string;

/** Keeps the process alive while only timers of the engine, which do not, are left. */
const HOLD_MS = 2_147_483_647;

const facts = processFacts(process);

function stdinFacts(): StdinFacts | null {
  try {
    return { isTerminal: process.stdin.isTTY, isCharacterDevice: fstatSync(0).isCharacterDevice() };
  } catch {
    return null; // stdin is closed: nobody can speak to us there
  }
}

async function run(flags: RunFlags): Promise<number> {
  const say = (text: string): void => {
    if (!flags.isQuiet) facts.stderr.write(`mcp-router: ${text}\n`);
  };
  if (modeFor(stdinFacts()) === 'serve') {
    say('no client on stdin, so it serves until it is stopped');
    return whole({ kind: 'serve', flags });
  }
  const choice = chooseAttachment(flags, await ownVariables(facts.env, derivedVariables));
  if (choice.kind === 'own-engine') {
    say(`runs its own engine, because ${choice.reason}`);
    return whole({ kind: 'run', flags });
  }
  if (choice.ignored.length > 0) say(`--attach-only: ${choice.ignored.join(', ')} has no effect`);
  return attachOr(flags, choice.isForced, say);
}

/** Attaches to the router at the usual place, or the one that the configuration names. */
async function attachOr(flags: RunFlags, isForced: boolean, say: (text: string) => void): Promise<number> {
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
    return whole({ kind: 'run', flags });
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
async function whole(command: Command): Promise<number> {
  await keepCompiledCode(facts, facts.uid);
  const { perform } = await import('./whole');
  return perform(command, facts);
}

async function start(command: Command): Promise<number> {
  switch (command.kind) {
    case 'run':
      return run(command.flags);
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(`${__APP_VERSION__}\n`);
      return 0;
    case 'mistake':
      facts.stderr.write(`mcp-router: ${command.message}\n`);
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
      return whole(command);
  }
}

// A log reader that went away must not end the router.
process.stderr.on('error', () => undefined);
const hold = setInterval(() => undefined, HOLD_MS);
const code = await start(parseCommandLine(process.argv.slice(2)));
clearInterval(hold);
process.exit(code);
