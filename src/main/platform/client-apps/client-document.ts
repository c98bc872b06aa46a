import { isDeepStrictEqual } from 'node:util';

import type { ClientApp } from './client-app';
import { openJson } from './json-document';
import { plain } from './plain-value';
import { openToml } from './toml-document';

/** An entry of a client's file, as plain values. */
export type ClientEntry = Readonly<Record<string, unknown>>;

/** The result of an edit; nothing is written by it. */
export type TextEdit =
  { readonly kind: 'edited'; readonly text: string } | { readonly kind: 'refused'; readonly problem: string };

/** A client's file, understood: its servers, and the text with one of them changed and everything else left. */
export interface ClientDocument {
  readonly hasComments: boolean;
  /** Entries by name; what is no table of members is left out here, but its name counts as taken. */
  readonly entries: ReadonlyMap<string, ClientEntry>;
  readonly names: ReadonlySet<string>;
  /** Everything but that entry, comments and order included, in a form that can be compared. */
  outline(name: string): string;
  put(name: string, entry: ClientEntry): TextEdit;
  remove(name: string): TextEdit;
}

/** The answer of {@link openDocument}; `problem` says where, never what is written there. */
export type OpenedDocument =
  | { readonly kind: 'open'; readonly document: ClientDocument }
  | { readonly kind: 'broken'; readonly problem: string };

/** Reads the text of a client's file. */
export function openDocument(app: Pick<ClientApp, 'format' | 'rootKey'>, text: string): OpenedDocument {
  return app.format === 'json' ? openJson(text, app.rootKey) : openToml(text, app.rootKey);
}

const SUSPECT = 'the change would touch more than the entry, so nothing is written; please report this';

/** The text with the entry of that name set, or removed; checked by reading the result again. */
export function editDocument(
  app: Pick<ClientApp, 'format' | 'rootKey'>,
  text: string,
  change: { readonly name: string; readonly entry: ClientEntry | null },
): TextEdit {
  const before = openDocument(app, text);
  if (before.kind === 'broken') return { kind: 'refused', problem: before.problem };
  const { name, entry } = change;
  const edit = entry === null ? before.document.remove(name) : before.document.put(name, entry);
  if (edit.kind === 'refused') return edit;
  const after = openDocument(app, edit.text);
  if (after.kind === 'broken') return { kind: 'refused', problem: SUSPECT };
  const isAsWanted =
    entry === null
      ? !after.document.names.has(name)
      : isDeepStrictEqual(plain(after.document.entries.get(name)), plain(entry));
  const isRestSame = before.document.outline(name) === after.document.outline(name);
  return isAsWanted && isRestSame ? edit : { kind: 'refused', problem: SUSPECT };
}
