import {
  configuredSocketPath,
  createAdapters,
  createLockdownMachine,
  createSignIn,
  createTokenMachine,
  postureOfMachine,
  type Adapters,
  type ProcessFacts,
} from '../compose';

import type { Command } from './args';
import { runClientTokens } from './client-tokens';
import { runClients } from './clients';
import { saidWhenRefused } from './command-io';
import { runConfig } from './config';
import { listenToSignals } from './process-parts';
import { runServe } from './serve';
import { runSignIn } from './sign-in';
import { runBridge } from './stdio';
import { runToken } from './token';

/** Put in by the build, from package.json. */
declare const __APP_VERSION__: string;

/** Performs what needs more than attaching; `run` bridges stdio with an engine of its own. */
export async function perform(command: Command, facts: ProcessFacts): Promise<number> {
  const adapters = createAdapters(facts);
  const code = await performWith(command, adapters);
  // A keychain call that blocks would hold up an ordinary exit until somebody answers its prompt.
  if (adapters.machine.keychain.isBusy()) process.kill(process.pid, 'SIGKILL');
  return code;
}

/** Where the configuration of this user has the router listen; null when it says nothing of it. */
export function configuredPath(facts: ProcessFacts): Promise<string | null> {
  return configuredSocketPath(createAdapters(facts));
}

async function performWith(command: Command, adapters: Adapters): Promise<number> {
  switch (command.kind) {
    case 'run':
      return runBridge(command.flags, adapters, { streams: process, signals: listenToSignals(process) });
    case 'serve':
      return runServe(command.flags, adapters, listenToSignals(process));
    case 'config':
      return runConfig(command.rest, process, adapters.machine);
    case 'sign-in':
    case 'sign-out':
      return runSignIn(command.kind, command.rest, process, createSignIn(adapters, AbortSignal.any([])));
    case 'token':
      return saidWhenRefused(process, () => runToken(command.rest, process, createTokenMachine(adapters)));
    case 'clients':
      return saidWhenRefused(process, () =>
        command.rest[0] === 'token'
          ? runClientTokens(command.rest.slice(1), process, adapters.machine.clientTokens)
          : runClients(command.rest, process, adapters.clients),
      );
    case 'audit': {
      const { runAudit } = await import('./audit');
      return runAudit(command.rest, process, adapters.machine);
    }
    case 'doctor': {
      const { runDoctor } = await import('./doctor');
      return runDoctor(command.rest, process, postureOfMachine(adapters, __APP_VERSION__));
    }
    case 'lockdown': {
      const { runLockdown } = await import('./lockdown');
      return runLockdown(command.rest, process, createLockdownMachine(adapters));
    }
    case 'incident': {
      const { runIncident } = await import('./incident');
      const { incidentMachine } = await import('../compose/incident-machine');
      return runIncident(command.rest, process, incidentMachine(adapters, __APP_VERSION__));
    }
    case 'help':
    case 'version':
    case 'mistake':
      return 0; // the small program has answered these
  }
}
