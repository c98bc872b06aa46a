import { fstatSync } from 'node:fs';

import { createAdapters, createSignIn, createTokenMachine, processFacts, type Adapters } from '../compose';

import { helpText, modeFor, parseCommandLine, type Command, type RunFlags, type StdinFacts } from './args';
import { EXIT_USAGE, saidWhenRefused } from './command-io';
import { listenToSignals } from './process-parts';

/** Put in by the build, from package.json. */
declare const __APP_VERSION__: string;

/** Keeps the process alive while only timers of the engine, which do not, are left. */
const HOLD_MS = 2_147_483_647;

function stdinFacts(): StdinFacts | null {
  try {
    return { isTerminal: process.stdin.isTTY, isCharacterDevice: fstatSync(0).isCharacterDevice() };
  } catch {
    return null; // stdin is closed: nobody can speak to us there
  }
}

async function run(flags: RunFlags, adapters: Adapters): Promise<number> {
  if (modeFor(stdinFacts()) === 'serve') {
    adapters.facts.stderr.write('mcp-router: no client on stdin, so it serves until it is stopped\n');
    return serve(flags, adapters);
  }
  const { runBridge } = await import('./stdio');
  return runBridge(flags, adapters, { streams: process, signals: listenToSignals(process) });
}

async function serve(flags: RunFlags, adapters: Adapters): Promise<number> {
  const { runServe } = await import('./serve');
  return runServe(flags, adapters, listenToSignals(process));
}

async function perform(command: Command, adapters: Adapters): Promise<number> {
  switch (command.kind) {
    case 'run':
      return run(command.flags, adapters);
    case 'serve':
      return serve(command.flags, adapters);
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(`${__APP_VERSION__}\n`);
      return 0;
    case 'mistake':
      adapters.facts.stderr.write(`mcp-router: ${command.message}\n`);
      return EXIT_USAGE;
    case 'config': {
      const { runConfig } = await import('./config');
      return runConfig(command.rest, process, adapters.machine);
    }
    case 'sign-in':
    case 'sign-out': {
      const { runSignIn } = await import('./sign-in');
      return runSignIn(command.kind, command.rest, process, createSignIn(adapters, AbortSignal.any([])));
    }
    case 'token': {
      const { runToken } = await import('./token');
      return saidWhenRefused(process, () => runToken(command.rest, process, createTokenMachine(adapters)));
    }
    case 'audit': {
      const { runAudit } = await import('./audit');
      return runAudit(command.rest, process, adapters.machine);
    }
    case 'clients': {
      const { runClients } = await import('./clients');
      return saidWhenRefused(process, () => runClients(command.rest, process, adapters.clients));
    }
  }
}

/** Ends the process; a keychain call that blocks would hold up an ordinary exit until somebody answers its prompt. */
function leave(code: number, adapters: Adapters): void {
  if (adapters.machine.keychain.isBusy()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

// A log reader that went away must not end the router.
process.stderr.on('error', () => undefined);
const hold = setInterval(() => undefined, HOLD_MS);
const adapters = createAdapters(processFacts(process));
const code = await perform(parseCommandLine(process.argv.slice(2)), adapters);
clearInterval(hold);
leave(code, adapters);
