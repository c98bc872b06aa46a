import type { IncidentExport, IncidentPart } from '../../shared/ipc/security-calls';
import { writeFileAtomically } from '../platform/atomic-file';
import { errorCode, systemReason } from '../platform/guarded-file';

import type { ChooseSavePath } from './desktop-audit';
import type { IncidentMachine } from './incident-machine';

/** Records and lines at most, as `incident export` has it without -n. */
const COUNT = 200;

/** What the export in the window stands on. */
export interface DesktopIncidentParts {
  readonly incident: Pick<IncidentMachine, 'gather'>;
  readonly chooseSavePath: ChooseSavePath;
  readonly announce: (part: IncidentPart) => void;
  readonly platform: NodeJS.Platform;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Asks for a file and writes the facts of an incident there, 0600; one at a time. */
export function desktopIncident(parts: DesktopIncidentParts): () => Promise<IncidentExport> {
  let running: Promise<IncidentExport> | null = null;
  return () => {
    running ??= exported(parts).finally(() => {
      running = null;
    });
    return running;
  };
}

async function exported({
  incident,
  chooseSavePath,
  announce,
  platform,
  now,
}: DesktopIncidentParts): Promise<IncidentExport> {
  const time = new Date(now()).toISOString().slice(0, 19).replaceAll(':', '-');
  const name = `mcp-router-incident-${time}.json`;
  const path = await chooseSavePath({ title: 'Export the facts of an incident', name });
  if (path === null) return { kind: 'cancelled' };
  const { document, contents, missing } = await incident.gather(COUNT, undefined, announce);
  announce('writing');
  try {
    // What stands there is replaced: the dialog has asked. It appears when it is whole.
    await writeFileAtomically(path, `${JSON.stringify(document, null, 2)}\n`, platform);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return { kind: 'failed', message: `${path} cannot be written: ${systemReason(error)}.` };
  }
  return { kind: 'written', path, contents, missing };
}
