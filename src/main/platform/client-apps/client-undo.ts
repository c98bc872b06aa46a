import { shown } from '../shown-text';
import { editDocument, openDocument, type ClientEntry } from './client-document';
import { startsSame } from './client-entry';
import type { ClientChange } from './client-journal';
import {
  nothing,
  refused,
  unusable,
  type ClientDecision,
  type ClientPlan,
  type ClientWrite,
} from './client-plan';
import type { ClientSituation } from './client-situation';

/** The copy from before our last change: what it holds, or why it cannot be used. */
export type ClientBackup =
  | { readonly kind: 'read'; readonly text: string; readonly hash: string }
  | { readonly kind: 'unusable'; readonly problem: string }
  /** There was no file before. */
  | { readonly kind: 'none' };

/**
 * Takes our last change back. When nobody changed the file since, it becomes what it was, byte for byte; otherwise only
 * the entry does, and the summary says so.
 */
export function planUndo(situation: ClientSituation, backup: ClientBackup): ClientDecision {
  const { app, file, changes, warnings } = situation;
  const last = changes.at(-1);
  if (last === undefined) return nothing(`There is nothing to undo for ${app.title}.`);
  const planned = (summary: string, write: ClientWrite): ClientDecision => {
    const plan: ClientPlan = { situation, action: 'undo', summary, write, memory: 'forget-last', warnings };
    return { kind: 'planned', plan };
  };
  if (file.kind === 'unusable') return unusable(situation, file.problem);
  if (backup.kind === 'unusable')
    return unusable(situation, `it cannot be undone, because ${backup.problem}`);
  const path = shown(situation.path ?? '', 300);
  if (last.before === last.after)
    return planned(`Our last step did not change ${path}; it is forgotten`, { kind: 'none' });
  if (file.kind === 'absent') {
    if (last.before === null)
      return planned(`${path} is gone already; our change is forgotten`, { kind: 'none' });
    return refused(`${path} is gone since our last change; nothing is restored over that.`);
  }
  if (file.hash === last.after) {
    if (last.before === null) return planned(`Delete ${path}, which we created`, { kind: 'delete' });
    if (backup.kind === 'none' || backup.hash !== last.before)
      return unusable(situation, 'it cannot be undone, because its copy was changed');
    const write = {
      kind: 'restore',
      backup: last.backup ?? '',
      hash: backup.hash,
      text: backup.text,
    } as const;
    return planned(`Restore ${path} as it was before, byte for byte`, write);
  }
  return undoEntry(situation, { last, earlier: backup.kind === 'read' ? backup.text : '' }, planned);
}

function undoEntry(
  situation: ClientSituation,
  { last, earlier }: { readonly last: ClientChange; readonly earlier: string },
  planned: (summary: string, write: ClientWrite) => ClientDecision,
): ClientDecision {
  const { app } = situation;
  const { name } = last;
  const now = situation.opened;
  if (now.kind === 'unusable') return unusable(situation, now.problem);
  const then = openDocument(app, earlier);
  if (then.kind === 'broken') return unusable(situation, 'it cannot be undone, because its copy was changed');
  const current = now.document.entries.get(name);
  const former = then.document.entries.get(name) ?? null;
  if (isSame(current ?? null, former)) {
    return planned(`The server "${name}" is already as it was before; our change is forgotten`, {
      kind: 'none',
    });
  }
  const isAsWeLeftIt =
    last.entry === null ? current === undefined : current !== undefined && startsSame(current, last.entry);
  if (!isAsWeLeftIt) {
    return refused(
      `The server "${name}" of ${app.title} was changed since; use disconnect or repair instead.`,
    );
  }
  const edit = editDocument(app, now.text, { name, entry: former });
  if (edit.kind === 'refused') return unusable(situation, edit.problem);
  const what = former === null ? 'removed' : 'put back';
  return planned(
    `${shown(situation.path ?? '', 300)} was changed since by somebody else, so only the server "${name}" is ${what}`,
    { kind: 'text', text: edit.text },
  );
}

function isSame(one: ClientEntry | null, other: ClientEntry | null): boolean {
  if (one === null || other === null) return one === other;
  const text = (entry: ClientEntry): string =>
    JSON.stringify(entry, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return text(one) === text(other);
}
