import { parse, stringify, TomlError } from 'smol-toml';

import type { ClientDocument, ClientEntry, OpenedDocument, TextEdit } from './client-document';
import { BYTE_ORDER_MARK, lineEndOf } from './text-place';
import { tomlStatements, type TomlStatement } from './toml-statements';

/**
 * Opens TOML. No library that edits TOML keeps every byte of the rest, so the entry is a table of its own that is
 * appended, replaced or cut out as text; the parser reads the result and has the last word.
 */
export function openToml(given: string, rootKey: string): OpenedDocument {
  const mark = given.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const text = given.slice(mark.length);
  let values: ClientEntry;
  try {
    values = parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    return { kind: 'broken', problem: `line ${error.line}, column ${error.column}: ${what}` };
  }
  const servers = Object.hasOwn(values, rootKey) ? values[rootKey] : {};
  if (!isTable(servers)) return { kind: 'broken', problem: `"${rootKey}" must be a table of servers` };
  return { kind: 'open', document: documentOf({ text, values, servers, rootKey }, mark) };
}

interface TomlParts {
  readonly text: string;
  readonly values: ClientEntry;
  readonly servers: ClientEntry;
  readonly rootKey: string;
}

const UNUSUAL_FORM =
  'the entry is written in a form that is not edited here (an inline table); change it by hand, or give it a table of its own';

function documentOf(parts: TomlParts, mark: string): ClientDocument {
  const { text, servers } = parts;
  const marked = (edited: string): TextEdit => ({ kind: 'edited', text: `${mark}${edited}` });
  return {
    hasComments: false,
    entries: new Map(
      Object.entries(servers).flatMap(([name, entry]) => (isTable(entry) ? [[name, entry]] : [])),
    ),
    names: new Set(Object.keys(servers)),
    outline: (name) => outline(parts, name),
    put: (name, entry) => {
      const table = rendered(parts, name, entry);
      if (!Object.hasOwn(servers, name)) {
        return isInlineTable(parts)
          ? { kind: 'refused', problem: UNUSUAL_FORM }
          : marked(appended(text, table));
      }
      const [first, ...others] = rangesOf(parts, name);
      if (first === undefined) return { kind: 'refused', problem: UNUSUAL_FORM };
      const rest = cut(text, others);
      const isTableOfItsOwn = first.kind === 'table';
      if (!isTableOfItsOwn) return marked(appended(cutEnd(cut(text, [first, ...others])), table));
      const isLast = first.to >= rest.length;
      const fresh = isLast && !text.endsWith('\n') ? table.trimEnd() : table;
      return marked(`${rest.slice(0, first.from)}${fresh}${rest.slice(first.to)}`);
    },
    remove: (name) => {
      const ranges = rangesOf(parts, name);
      if (ranges.length === 0) {
        return Object.hasOwn(servers, name) ? { kind: 'refused', problem: UNUSUAL_FORM } : marked(text);
      }
      const isAtEnd = ranges.some(({ to }) => to === text.length);
      const left = cut(text, ranges);
      if (!isAtEnd) return marked(left);
      const trimmed = cutEnd(left);
      return marked(text.endsWith('\n') ? trimmed : trimmed.replace(/\r?\n$/, ''));
    },
  };
}

/** `mcp_servers = { ... }`: nothing can be added to it from outside. */
function isInlineTable({ text, rootKey }: TomlParts): boolean {
  return tomlStatements(text).some(
    ({ kind, path }) => kind === 'pair' && path.length === 1 && path[0] === rootKey,
  );
}

/** The table, preceded by a blank line; a text that ends without a line end still does. */
function appended(text: string, table: string): string {
  if (text === '') return table;
  const lineEnd = lineEndOf(text);
  return text.endsWith('\n') ? `${text}${lineEnd}${table}` : `${text}${lineEnd}${lineEnd}${table.trimEnd()}`;
}

/** Takes away the one blank line that an appended table had before it. */
function cutEnd(text: string): string {
  return text.replace(/(\r?\n)\r?\n$/, '$1');
}

function rendered({ text, rootKey }: TomlParts, name: string, entry: ClientEntry): string {
  return stringify({ [rootKey]: { [name]: entry } }).replaceAll('\n', lineEndOf(text));
}

interface Range {
  readonly kind: TomlStatement['kind'];
  readonly from: number;
  readonly to: number;
}

/** The lines of the entry, one range for what stands together. */
function rangesOf({ text, rootKey }: TomlParts, name: string): readonly Range[] {
  const ranges: Range[] = [];
  let isInside = false;
  for (const { kind, path, from, to } of tomlStatements(text)) {
    const isOurs = path[0] === rootKey && path[1] === name;
    const last = ranges.at(-1);
    if (isOurs && isInside && last !== undefined) ranges.splice(-1, 1, { ...last, to });
    else if (isOurs) ranges.push({ kind, from, to });
    isInside = isOurs;
  }
  return ranges;
}

function cut(text: string, ranges: readonly Range[]): string {
  let result = '';
  let at = 0;
  for (const { from, to } of ranges) {
    result += text.slice(at, from);
    at = to;
  }
  return result + text.slice(at);
}

/** All other values, and the text around the entry without its blank lines. */
function outline(parts: TomlParts, name: string): string {
  const { values, servers, rootKey } = parts;
  const others = without(servers, name);
  const rest = without(values, rootKey);
  const all = Object.keys(others).length === 0 ? rest : { ...rest, [rootKey]: others };
  const around = cut(parts.text, rangesOf(parts, name))
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
  return [JSON.stringify(comparable(all)), ...around].join('\n');
}

function without(table: ClientEntry, name: string): ClientEntry {
  return Object.fromEntries(Object.entries(table).filter(([key]) => key !== name));
}

/** Sorted, and with the values that JSON does not have as text. */
function comparable(value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') return `number ${value}`;
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (!isTable(value)) return value;
  const keys = Object.keys(value).sort();
  return keys.map((key) => [key, comparable(value[key])]);
}

function isTable(value: unknown): value is ClientEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
