import type { ClientAction, ClientRow, ClientState } from '../../../shared/model/client-apps';
import type { ClientApp } from './client-app';
import { openDocument, type ClientDocument, type ClientEntry } from './client-document';
import { entryFor, startsSame } from './client-entry';
import type { ClientChange } from './client-journal';
import type { Launcher } from './launcher';

/** A client's file as it was found. */
export type ClientFile =
  /** `target` is where it will be: the path without links. */
  | { readonly kind: 'absent'; readonly target: string }
  | {
      readonly kind: 'read';
      readonly target: string;
      readonly text: string;
      readonly mode: number;
      /** SHA-256 of its bytes. */
      readonly hash: string;
    }
  | { readonly kind: 'unusable'; readonly problem: string };

/** Everything that decisions about one client are made from. */
export interface ClientSituation {
  readonly app: ClientApp;
  readonly isFound: boolean;
  readonly path: string | null;
  readonly file: ClientFile;
  readonly opened: OpenedFile;
  /** What a person should know about the place of the file, such as that it is a link out of the home folder. */
  readonly warnings: readonly string[];
  /** Our changes to this file, oldest first. */
  readonly changes: readonly ClientChange[];
  readonly launcher: Launcher;
  /** False: the program of our entry is not there any more. */
  readonly isEntryStartable: boolean;
}

/** The name of an entry that nobody named otherwise. */
export const DEFAULT_NAME = 'gateway';

/** The last change when it left an entry of ours behind. */
export function connection(
  situation: Pick<ClientSituation, 'changes'>,
): (ClientChange & { readonly entry: ClientEntry }) | null {
  const last = situation.changes.at(-1);
  return last === undefined || last.entry === null ? null : { ...last, entry: last.entry };
}

/** A client's file, understood. */
export type OpenedFile =
  | { readonly kind: 'open'; readonly document: ClientDocument; readonly text: string }
  | { readonly kind: 'unusable'; readonly problem: string };

/** Understands a file; one that is not there is an empty one. */
export function openFile(app: ClientApp, file: ClientFile): OpenedFile {
  if (file.kind === 'unusable') return file;
  const text = file.kind === 'absent' ? '' : file.text;
  const result = openDocument(app, text);
  if (result.kind === 'open') return { ...result, text };
  return {
    kind: 'unusable',
    problem: `it is left alone, because it cannot be understood (${result.problem})`,
  };
}

/** Where the client stands, with the name that goes with it. */
export function standing(situation: ClientSituation): {
  readonly state: ClientState;
  readonly name: string;
} {
  const { app, isFound, launcher, opened: file } = situation;
  const ours = connection(situation);
  const name = ours?.name ?? DEFAULT_NAME;
  if (!isFound && ours === null) return { state: { kind: 'not-found' }, name };
  if (file.kind === 'unusable') return { state: file, name };
  if (ours !== null) return { state: ownState(situation, ours, file.document), name };
  const wanted = entryFor(app, launcher);
  for (const [found, entry] of file.document.entries) {
    if (startsSame(entry, wanted)) return { state: { kind: 'connected', by: 'by-hand' }, name: found };
  }
  const isTaken = file.document.names.has(name);
  return { state: { kind: isTaken ? 'name-taken' : 'not-connected' }, name };
}

function ownState(
  { isEntryStartable }: ClientSituation,
  ours: { readonly name: string; readonly entry: ClientEntry },
  document: ClientDocument,
): ClientState {
  const entry = document.entries.get(ours.name);
  if (!document.names.has(ours.name)) return { kind: 'drifted', change: 'entry-removed' };
  if (entry === undefined || !startsSame(entry, ours.entry)) {
    return { kind: 'drifted', change: 'entry-changed' };
  }
  return isEntryStartable ? { kind: 'connected', by: 'us' } : { kind: 'drifted', change: 'router-moved' };
}

/** The client as one line of the list. */
export function rowOf(situation: ClientSituation): ClientRow {
  const { app, path, launcher, warnings } = situation;
  const { state, name } = standing(situation);
  const remarks: string[] = [];
  let isOtherCopy = false;
  const file = situation.opened;
  const entry = file.kind === 'open' ? file.document.entries.get(name) : undefined;
  if (state.kind === 'connected' && entry !== undefined) {
    if (entry['disabled'] === true || entry['enabled'] === false) remarks.push('switched off in the client');
    if (!startsSame(entry, entryFor(app, launcher))) {
      isOtherCopy = true;
      remarks.push('starts another copy of MCP Router; repair makes it this one');
    }
  }
  const actions = actionsOf(situation, state, isOtherCopy);
  return { id: app.id, title: app.title, state, name, path, remarks: [...remarks, ...warnings], actions };
}

/** What makes sense now, the next step first; undo where our last change is still as we left it. */
function actionsOf(
  { changes, file }: ClientSituation,
  state: ClientState,
  isOtherCopy: boolean,
): readonly ClientAction[] {
  const last = changes.at(-1);
  const isAsWeLeftIt = last !== undefined && (file.kind === 'read' ? file.hash : null) === last.after;
  const undo: readonly ClientAction[] =
    isAsWeLeftIt || (last !== undefined && state.kind === 'connected') ? ['undo'] : [];
  switch (state.kind) {
    case 'not-found':
    case 'unusable':
      return [];
    case 'not-connected':
    case 'name-taken':
      return ['connect', ...undo];
    case 'connected': {
      const repair: readonly ClientAction[] = isOtherCopy && state.by === 'us' ? ['repair'] : [];
      return [...repair, ...undo, 'disconnect'];
    }
    case 'drifted':
      return ['repair', ...(state.change === 'router-moved' ? undo : []), 'disconnect'];
  }
}
