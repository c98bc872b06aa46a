import {
  clientIds,
  type ClientAction,
  type ClientId,
  type ClientOutcome,
  type ClientPreview,
  type ClientRefusal,
  type ClientRow,
} from '../../../shared/model/client-apps';
import { pathRules, stateFolder } from '../paths';
import { applyPlan } from './client-apply';
import { createClientArchive, type ClientArchive } from './client-archive';
import { readClientFile, type ClientFileOptions } from './client-files';
import { isSameFile } from './client-journal';
import { clientList } from './client-list';
import { findClient } from './client-places';
import {
  planConnect,
  planDisconnect,
  planRepair,
  type ClientDecision,
  type ClientPlan,
  type PlanOptions,
} from './client-plan';
import { connection, openFile, rowOf, type ClientFile, type ClientSituation } from './client-situation';
import { planUndo } from './client-undo';
import type { Launcher } from './launcher';
import { lineDiff } from './line-diff';
import type { RunningApps } from './running-apps';
import { isThere } from './presence';

/** A change to look at; nothing happens before `apply`. */
export interface PlannedChange {
  readonly kind: 'planned';
  readonly preview: ClientPreview;
  apply(): Promise<ClientOutcome>;
}

/** Connects MCP clients to this router, for the command line and for the window. */
export interface ClientConnections {
  list(): Promise<readonly ClientRow[]>;
  plan(action: ClientAction, id: ClientId, options?: PlanOptions): Promise<PlannedChange | ClientRefusal>;
}

export interface ClientConnectionParts extends ClientFileOptions {
  readonly launcher: () => Promise<Launcher>;
  readonly running: RunningApps;
  readonly now: () => Date;
}

/** Builds the engine of the Clients page and of `mcp-router clients`; nothing is opened before it is used. */
export function createClientConnections(parts: ClientConnectionParts): ClientConnections {
  const folder = stateFolder(parts.place);
  const archive = folder === undefined ? null : createClientArchive(folder, parts);
  return {
    list: async () => {
      const launcher = await parts.launcher();
      const rows: ClientRow[] = [];
      for (const id of clientIds) rows.push(rowOf(await look(id, launcher, { parts, archive })));
      return rows;
    },
    plan: async (action, id, options = {}) => {
      if (archive === null) {
        return {
          kind: 'unusable',
          message: 'this user has no home folder, so there is no client to connect',
        };
      }
      const launcher = await parts.launcher();
      if (launcher.problem !== undefined && (action === 'connect' || action === 'repair')) {
        return { kind: 'unusable', message: launcher.problem };
      }
      const situation = await look(id, launcher, { parts, archive });
      const decision = await decide(action, situation, { options, archive });
      if (decision.kind !== 'planned') return decision;
      const { plan } = decision;
      const obstacle = (): Promise<string | null> => obstacleOf(plan, parts);
      return {
        kind: 'planned',
        preview: previewOf(plan, await obstacle()),
        apply: () =>
          applyPlan(plan, {
            archive,
            files: parts,
            look: () => look(id, launcher, { parts, archive }),
            obstacle,
            now: parts.now,
          }),
      };
    },
  };
}

interface Surroundings {
  readonly parts: ClientConnectionParts;
  readonly archive: ClientArchive | null;
}

async function look(
  id: ClientId,
  launcher: Launcher,
  { parts, archive }: Surroundings,
): Promise<ClientSituation> {
  const app = clientList[id];
  const { path, isFound } = await findClient(app, parts.place);
  const all = archive === null || path === null ? [] : await archive.changes();
  const changes = all.filter((change) => isSameFile(change, { client: id, path: path ?? '' }));
  const nowhere: ClientFile = { kind: 'unusable', problem: 'this machine has no folder for it' };
  const { file, warnings } =
    path === null ? { file: nowhere, warnings: [] } : await readClientFile(path, parts);
  const situation = { app, path, isFound, changes, file, opened: openFile(app, file), warnings, launcher };
  return { ...situation, isEntryStartable: await isStartable(situation, parts) };
}

/** Is everything that our entry names by path still there? */
async function isStartable(
  situation: Pick<ClientSituation, 'changes'>,
  { place }: ClientConnectionParts,
): Promise<boolean> {
  const entry = connection(situation)?.entry;
  if (entry === undefined) return true;
  const args: readonly unknown[] = Array.isArray(entry['args']) ? entry['args'] : [];
  const { isAbsolute } = pathRules(place.platform);
  for (const word of [entry['command'], ...args]) {
    if (typeof word === 'string' && isAbsolute(word) && !(await isThere(word))) return false;
  }
  return true;
}

async function decide(
  action: ClientAction,
  situation: ClientSituation,
  { options, archive }: { readonly options: PlanOptions; readonly archive: ClientArchive },
): Promise<ClientDecision> {
  switch (action) {
    case 'connect':
      return planConnect(situation, options);
    case 'disconnect':
      return planDisconnect(situation, options);
    case 'repair':
      return planRepair(situation);
    case 'undo':
      return planUndo(situation, await archive.backupOf(situation.changes.at(-1)));
  }
}

/** A client that writes its file back from memory would undo the change without a word. */
async function obstacleOf(
  { situation, write }: ClientPlan,
  { running }: ClientConnectionParts,
): Promise<string | null> {
  const { app } = situation;
  if (app.mustBeClosed === undefined || write.kind === 'none') return null;
  switch (await running.isRunning(app.mustBeClosed)) {
    case 'not-running':
      return null;
    case 'running':
      return `${app.title} is running and would overwrite the change. Quit it (closing its window is not enough) and try again.`;
    case 'unknown':
      return `it cannot be found out whether ${app.title} is running, and a running one would overwrite the change`;
  }
}

function previewOf(plan: ClientPlan, obstacle: string | null): ClientPreview {
  const { situation, action, summary, write, warnings } = plan;
  const { app, path, file, launcher } = situation;
  const before = file.kind === 'read' ? file.text : '';
  const after = write.kind === 'delete' ? '' : write.kind === 'none' ? before : write.text;
  const ours = [...Object.values(app.entryExtras), launcher.command, ...launcher.args];
  const diff = lineDiff(before, after, ours);
  return { id: app.id, title: app.title, action, path: path ?? '', summary, diff, warnings, obstacle };
}
