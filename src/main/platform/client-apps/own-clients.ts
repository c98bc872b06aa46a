import { tmpdir } from 'node:os';

import type { Machine } from '../machine';
import type { ProgramFacts } from '../process-facts';
import { createClientConnections, type ClientConnections } from './client-connections';
import { findLauncher, installForm } from './launcher';
import { createRunningApps } from './running-apps';

/** Connects the clients of this user to the copy of the router that runs. */
export function createOwnClients(
  { uid, program }: { readonly uid: number | null; readonly program: ProgramFacts },
  { place, commands }: Pick<Machine, 'place' | 'commands'>,
): ClientConnections {
  const form = installForm(program, place.env);
  return createClientConnections({
    place,
    uid,
    launcher: () => findLauncher({ form, place, temporaryFolder: tmpdir() }),
    running: createRunningApps({ place, uid, commands }),
    now: () => new Date(),
  });
}
