import { unlink } from 'node:fs/promises';

import type { ClientOutcome } from '../../../shared/model/client-apps';
import { replaceFile } from '../atomic-file';
import { errorCode, systemReason } from '../guarded-file';
import { shown } from '../shown-text';
import type { ClientArchive } from './client-archive';
import { hashOf, readClientFile, type ClientFileOptions } from './client-files';
import { withChange, withoutLast, type ClientChange } from './client-journal';
import type { ClientPlan } from './client-plan';
import type { ClientFile, ClientSituation } from './client-situation';

/** What carrying out a plan needs. */
export interface ApplyParts {
  readonly archive: ClientArchive;
  readonly files: ClientFileOptions;
  /** The situation of the same client as it is now. */
  readonly look: () => Promise<ClientSituation>;
  /** Why the client's file must not be written now; null when it may. */
  readonly obstacle: () => Promise<string | null>;
  readonly now: () => Date;
}

const PRIVATE = 0o600;

/** Carries a plan out: only on the file that it was made from, with a copy first, and whole or not at all. */
export async function applyPlan(plan: ClientPlan, parts: ApplyParts): Promise<ClientOutcome> {
  const path = shown(plan.situation.path ?? '', 300);
  try {
    const danger = await parts.archive.danger();
    if (danger !== null) return { kind: 'unusable', message: `no copy can be kept: ${danger}` };
    const result = await parts.archive.alone(() => applyAlone(plan, parts));
    return result.kind === 'done'
      ? result.value
      : { kind: 'unusable', message: 'another mcp-router is changing a client right now; try again' };
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return { kind: 'unusable', message: `${path} is not changed: ${systemReason(error)}` };
  }
}

async function applyAlone(plan: ClientPlan, parts: ApplyParts): Promise<ClientOutcome> {
  const now = await parts.look();
  if (!isSameSituation(plan.situation, now)) return { kind: 'stale' };
  const { write, situation } = plan;
  const { file, app } = situation;
  if (file.kind === 'unusable') return { kind: 'unusable', message: file.problem };
  if (write.kind === 'none') return done(plan, await remember(plan, { backup: null, after: null }, parts));
  const obstacle = await parts.obstacle();
  if (obstacle !== null) return { kind: 'refused', message: obstacle };
  const isForgetting = plan.memory === 'forget-last';
  const backup =
    file.kind === 'read' && !isForgetting ? await parts.archive.keep(app.id, file.text, parts.now()) : null;
  const isStillWanted = async (): Promise<boolean> => isSameFile(file, await readAgain(situation, parts));
  if (write.kind === 'delete') {
    if (!(await isStillWanted())) return { kind: 'stale' };
    await unlink(file.target);
    return done(plan, await remember(plan, { backup, after: null }, parts));
  }
  const mode = file.kind === 'read' ? file.mode : PRIVATE;
  const { platform } = parts.files.place;
  if (!(await replaceFile(file.target, write.text, { platform, mode, isStillWanted })))
    return { kind: 'stale' };
  return done(plan, await remember(plan, { backup, after: hashOf(write.text) }, parts));
}

async function readAgain({ path }: ClientSituation, { files }: ApplyParts): Promise<ClientFile> {
  const { file } = await readClientFile(path ?? '', files);
  return file;
}

/** Writes the journal. The file of the client is done by now, so a failure here is a remark. */
async function remember(
  plan: ClientPlan,
  { backup, after }: Pick<ClientChange, 'backup' | 'after'>,
  { archive, now }: ApplyParts,
): Promise<readonly string[]> {
  const { situation, memory, action, write } = plan;
  const { app, path, file } = situation;
  try {
    const changes = await archive.changes();
    const place = { client: app.id, path: path ?? '' };
    if (memory === 'forget-last' || action === 'undo') {
      await archive.save(changes, withoutLast(changes, place));
      return [];
    }
    const before = file.kind === 'read' ? file.hash : null;
    const hashes = write.kind === 'none' ? { before, after: before } : { before, after };
    const change: ClientChange = { ...place, action, ...memory, ...hashes, backup, at: now().toISOString() };
    await archive.save(changes, withChange(changes, change));
    return [];
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return [`it could not be noted (${systemReason(error)}), so undo will not know of it`];
  }
}

function done({ situation, action }: ClientPlan, remarks: readonly string[]): ClientOutcome {
  const words = {
    connect: 'is connected',
    repair: 'is connected',
    disconnect: 'is disconnected',
    undo: 'is as before',
  };
  const { app } = situation;
  const message = `${app.title} ${words[action]}. ${action === 'connect' || action === 'repair' ? app.afterwards : ''}`;
  return { kind: 'done', message: message.trim(), remarks };
}

/** Is the file the one that the preview was made from, and did nobody else change what we remember of it? */
function isSameSituation(one: ClientSituation, other: ClientSituation): boolean {
  return (
    one.path === other.path &&
    one.changes.at(-1)?.at === other.changes.at(-1)?.at &&
    one.changes.length === other.changes.length &&
    isSameFile(one.file, other.file)
  );
}

function isSameFile(one: ClientFile, other: ClientFile): boolean {
  if (one.kind === 'absent') return other.kind === 'absent' && one.target === other.target;
  if (one.kind !== 'read' || other.kind !== 'read') return false;
  return one.target === other.target && one.hash === other.hash && one.mode === other.mode;
}
