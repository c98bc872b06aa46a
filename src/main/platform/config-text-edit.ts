import { isDeepStrictEqual } from 'node:util';

import { isMap, isScalar, isSeq, LineCounter, visit, type Document } from 'yaml';

import { parsedDocument, parseConfigText } from './config-file';
import { spliced } from './config-splice';
import { plainValue } from './config-tree';

/** A path in the file; numbers count the entries of a list. */
export type EditPath = readonly (string | number)[];
/** What can be written: one value, a list of texts, or null, which removes the key. */
export type EditValue = string | number | boolean | readonly string[] | null;
/** New values by path. */
export type ConfigEdits = ReadonlyMap<EditPath, EditValue>;

/**
 * What became of the text. `broken`: it is no configuration. `repeated`: a value that would go is repeated elsewhere by
 * an alias, which would then mean something else or nothing.
 */
export type EditedConfig =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'broken' }
  | { readonly kind: 'repeated' };

/**
 * Changes single keys and leaves comments, order and every other character as they are. Each result is read again, and
 * must say what was wanted and nothing else. What cannot be put into the text in its place is printed anew, with its
 * comments and order.
 */
export function editConfigText(text: string, edits: ConfigEdits): EditedConfig {
  const before = editable(text);
  if (before === null || [...edits.keys()].some((path) => !isWay(before, path))) return { kind: 'broken' };
  let current = text;
  for (const [path, value] of edits) {
    const next = editedOnce(current, path, value);
    if (next === null) return { kind: 'repeated' };
    current = next;
  }
  return { kind: 'edited', text: current };
}

function editedOnce(text: string, path: EditPath, value: EditValue): string | null {
  const document = editable(text);
  if (document === null) return null;
  const wanted = meaning(withValue(plainOf(text), path, value));
  for (const edit of [spliced, rewritten]) {
    const candidate = edit(document, text, path, value);
    if (candidate !== null && isDeepStrictEqual(meaning(plainOf(candidate)), wanted)) return candidate;
  }
  return null;
}

/** The document when it is a mapping, or empty and can become one. */
function editable(text: string): Document | null {
  if (parseConfigText(text).tree === null) return null;
  const document: Document | null = parsedDocument(text, new LineCounter());
  return document === null || document.errors.length > 0 || !isSection(document.contents) ? null : document;
}

function isSection(contents: unknown): boolean {
  return contents === null || isMap(contents) || (isScalar(contents) && contents.value === null);
}

/** False where a list stands in place of a section on the way, or the other way round. */
function isWay(document: Document, path: EditPath): boolean {
  return path.every((key, end) => {
    const here = document.getIn(path.slice(0, end), true);
    return typeof key === 'number' ? !isMap(here) : !isSeq(here);
  });
}

function plainOf(text: string): unknown {
  const { tree } = parseConfigText(text);
  return tree === null ? undefined : plainValue(tree);
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withValue(here: unknown, path: EditPath, value: EditValue): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const items: readonly unknown[] = Array.isArray(here) ? here : [];
    return items.map((item, index) => (index === key ? withValue(item, rest, value) : item));
  }
  const members = new Map(isMembers(here) ? Object.entries(here) : []);
  members.set(key, withValue(members.get(key), rest, value));
  return Object.fromEntries(members);
}

/** What is left out, is empty or is null says the same: nothing. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (!isMembers(value)) return value;
  const entries = Object.entries(value).map(([key, below]) => [key, meaning(below)] as const);
  const told = entries.filter(([, below]) => below !== null && !(below instanceof Map && below.size === 0));
  return new Map(told.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The whole document printed anew; null where an alias would be left without its anchor. */
function rewritten(document: Document, text: string, path: EditPath, value: EditValue): string | null {
  if (!isMap(document.contents)) document.contents = document.createNode({});
  if (value === null) document.deleteIn(path);
  else setIn(document, path, value);
  // Writing an alias without its anchor throws.
  if (hasLostAnchor(document)) return null;
  const edited = document.toString({
    lineWidth: 0,
    indent: indentOf(text),
    indentSeq: !hasFlatLists(text),
    flowCollectionPadding: !/\{\S/.test(text),
  });
  return text.includes('\r\n') ? edited.replaceAll('\n', '\r\n') : edited;
}

function hasLostAnchor(document: Document): boolean {
  let isLost = false;
  visit(document, {
    Alias: (_key, alias) => {
      isLost ||= alias.resolve(document) === undefined;
    },
  });
  return isLost;
}

function setIn(document: Document, path: EditPath, value: Exclude<EditValue, null>): void {
  // A section without content (`gateway:` and nothing below) is null and cannot take a key.
  for (let end = 1; end < path.length; end += 1) {
    const section = path.slice(0, end);
    const here = document.getIn(section, true);
    if (!isMap(here) && !isSeq(here)) document.setIn(section, document.createNode({}));
  }
  document.setIn(path, Array.isArray(value) ? document.createNode(value) : value);
}

/** The width of one level in that file. */
export function indentOf(text: string): number {
  const first = /^( {1,8})\S/m.exec(text)?.[1];
  return first === undefined ? 2 : first.length;
}

/** True where the items of lists stand below the first letter of their key. */
export const hasFlatLists = (text: string): boolean => /^( *)[\w"'-]+:[^\n]*\n\1- /m.test(text);
