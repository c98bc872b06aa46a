import { fstatSync } from 'node:fs';

import { createCommandMachine, processFacts, type ProcessFacts } from '../compose';

import { helpText, modeFor, parseCommandLine, type Command, type RunFlags, type StdinFacts } from './args';
import { EXIT_USAGE } from './command-io';
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

async function run(flags: RunFlags, facts: ProcessFacts): Promise<number> {
  if (modeFor(stdinFacts()) === 'serve') {
    facts.stderr.write('mcp-router: no client on stdin, so it serves until it is stopped\n');
    return serve(flags, facts);
  }
  const { runBridge } = await import('./stdio');
  return runBridge(flags, facts, { streams: process, signals: listenToSignals(process) });
}

async function serve(flags: RunFlags, facts: ProcessFacts): Promise<number> {
  const { runServe } = await import('./serve');
  return runServe(flags, facts, listenToSignals(process));
}

async function perform(command: Command): Promise<number> {
  const facts = processFacts(process);
  switch (command.kind) {
    case 'run':
      return run(command.flags, facts);
    case 'serve':
      return serve(command.flags, facts);
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(`${__APP_VERSION__}\n`);
      return 0;
    case 'mistake':
      facts.stderr.write(`mcp-router: ${command.message}\n`);
      return EXIT_USAGE;
    case 'config': {
      const { runConfig } = await import('./config');
      return runConfig(command.rest, process, createCommandMachine(facts));
    }
    case 'token': {
      const { runToken } = await import('./token');
      return runToken(command.rest, process, createCommandMachine(facts));
    }
  }
}

const hold = setInterval(() => undefined, HOLD_MS);
const code = await perform(parseCommandLine(process.argv.slice(2)));
clearInterval(hold);
process.exit(code);
