import { isMap, isScalar, isSeq, type Document, type Node, type YAMLMap, type YAMLSeq } from 'yaml';

import { commentsBetween } from './config-comments';
import type { EditPath, EditValue } from './config-text-edit';

/** How the file is written. */
interface Style {
  readonly newline: string;
  /** Spaces of one level. */
  readonly step: number;
  readonly hasFlatLists: boolean;
}

/**
 * The text with one value set or removed in its place and every other character as it was; null where that is not
 * possible. Comments inside of what is removed stay as lines of their own.
 */
export function spliced(document: Document, text: string, path: EditPath, value: EditValue): string | null {
  if (value === null) return document.hasIn(path) ? removed(document, text, path) : text;
  const node = document.getIn(path, true);
  if (isScalar(node) && node.range && isFlowScalar(node.type) && node.range[1] > node.range[0]) {
    if (Array.isArray(value)) return null;
    const [start, end] = node.range;
    return replaced(text, [start, end], scalarText(value, text.slice(start, end)));
  }
  if (isSeq(node) && Array.isArray(value)) return withItems(node, text, value);
  return node === undefined ? inserted(document, text, path, value) : null;
}

const replaced = (text: string, [start, end]: readonly [number, number], part: string): string =>
  text.slice(0, start) + part + text.slice(end);

function isFlowScalar(type: string | null | undefined): boolean {
  return type === 'PLAIN' || type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE';
}

const PLAIN = /^[A-Za-z]([\w:/.@?=&%~+-]*[\w/])?$/;
const WORDS_OF_YAML = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** The value in the quotes that the old one had; in double quotes where it could be misread without. */
function scalarText(value: EditValue, before = 'x'): string {
  if (typeof value !== 'string') return String(value);
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  const isPlain = PLAIN.test(value) && !WORDS_OF_YAML.test(value);
  return isPlain && !before.startsWith('"') ? value : JSON.stringify(value);
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;
/** Behind the line break. */
function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found === -1 ? text.length : found + 1;
}

const startOf = (node: unknown): number | null => (isNode(node) && node.range ? node.range[0] : null);
const isNode = (node: unknown): node is Node => isMap(node) || isSeq(node) || isScalar(node);

/** Where the last character of a value is followed by what does not belong to it. */
function endOf(node: unknown, text: string): number | null {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? null : (endOf(last.value, text) ?? endOf(last.key, text));
  }
  if (isSeq(node) && node.flow !== true) return endOf(node.items.at(-1), text);
  const range = typeof node === 'object' && node !== null ? (Reflect.get(node, 'range') as unknown) : null; // aliases have one too
  const [start, end] = Array.isArray(range) ? range.map(Number) : [];
  if (start === undefined || end === undefined || end <= start) return null;
  return start + text.slice(start, end).trimEnd().length;
}

function removed(document: Document, text: string, path: EditPath): string | null {
  const holderPath = path.slice(0, -1);
  const holder = holderPath.length === 0 ? document.contents : document.getIn(holderPath, true);
  if (!isMap(holder)) return null;
  // A section that would be empty goes as well; the entry of a list does not.
  const isNamed = typeof holderPath.at(-1) === 'string';
  if (holder.items.length === 1 && isNamed) return removed(document, text, holderPath);
  const index = holder.items.findIndex(({ key }) => isScalar(key) && key.value === path.at(-1));
  const pair = holder.items[index];
  const start = startOf(pair?.key);
  const end = endOf(pair?.value, text) ?? endOf(pair?.key, text);
  if (pair === undefined || start === null || end === null) return null;
  if (holder.flow === true) return withoutFlowPair(holder, text, { index, start, end });
  const begin = lineStart(text, start);
  const indent = text.slice(begin, start);
  return indent.trim() === '' ? withoutLines(text, [begin, lineEnd(text, end)], indent) : null;
}

/** Comments are kept, one to a line. */
function withoutLines(text: string, span: readonly [number, number], indent: string): string {
  const newline = newlineOf(text);
  const kept = commentsBetween(text, span).map((comment) => `${indent}${comment}${newline}`);
  return replaced(text, span, kept.join(''));
}

function withoutFlowPair(
  holder: YAMLMap,
  text: string,
  { index, start, end }: { readonly index: number; readonly start: number; readonly end: number },
): string | null {
  const next = startOf(holder.items[index + 1]?.key);
  const before = holder.items[index - 1];
  const behind = before === undefined ? start : (endOf(before.value, text) ?? endOf(before.key, text));
  if (behind === null) return null;
  const span: readonly [number, number] = next === null ? [behind, end] : [start, next];
  return commentsBetween(text, span).length > 0 ? null : replaced(text, span, '');
}

function inserted(document: Document, text: string, path: EditPath, value: EditValue): string | null {
  for (let length = path.length - 1; length >= 0; length -= 1) {
    const holderPath = path.slice(0, length);
    const holder = length === 0 ? document.contents : document.getIn(holderPath, true);
    if (holder === undefined) continue;
    const rest = path.slice(length);
    if (rest.some((key) => typeof key === 'number')) return null;
    const names = rest.map(String);
    if (isMap(holder) && holder.flow === true) return intoFlow(holder, text, names, value);
    if (isMap(holder)) return belowLast(holder, text, names, value);
    const isEmpty = holder === null || (isScalar(holder) && holder.value === null);
    if (!isEmpty) return null;
    return length === 0 ? atEnd(text, names, value) : belowKey(document, text, holderPath, { names, value });
  }
  return null;
}

function styleOf(text: string): Style {
  const step = /^( {1,8})\S/m.exec(text)?.[1]?.length ?? 2;
  return { newline: newlineOf(text), step, hasFlatLists: /^( *)[\w"'-]+:[^\n]*\n\1- /m.test(text) };
}

const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** A key with what is below it, as lines. */
function linesFor(names: readonly string[], value: EditValue, indent: string, style: Style): string {
  const [name = '', ...rest] = names;
  const deeper = `${indent}${' '.repeat(style.step)}`;
  const key = `${indent}${scalarText(name)}:`;
  if (rest.length > 0) return `${key}${style.newline}${linesFor(rest, value, deeper, style)}`;
  if (!isList(value)) return `${key} ${scalarText(value)}${style.newline}`;
  if (value.length === 0) return `${key} []${style.newline}`;
  const dash = `${style.hasFlatLists ? indent : deeper}- `;
  return `${key}${style.newline}${value.map((item) => `${dash}${scalarText(item)}${style.newline}`).join('')}`;
}

const isList = (value: EditValue): value is readonly string[] => Array.isArray(value);

function atEnd(text: string, names: readonly string[], value: EditValue): string {
  const style = styleOf(text);
  const gap = text === '' || text.endsWith('\n') ? '' : style.newline;
  return `${text}${gap}${linesFor(names, value, '', style)}`;
}

/** Below the last key of that section. */
function belowLast(holder: YAMLMap, text: string, names: readonly string[], value: EditValue): string | null {
  const first = startOf(holder.items[0]?.key);
  const last = endOf(holder, text);
  if (first === null || last === null) return null;
  const prefix = text.slice(lineStart(text, first), first);
  if (!/^[ -]*$/.test(prefix)) return null;
  return withLines(text, last, linesFor(names, value, ' '.repeat(prefix.length), styleOf(text)));
}

/** Below a key of a section that has nothing in it yet. */
function belowKey(
  document: Document,
  text: string,
  holderPath: EditPath,
  { names, value }: { readonly names: readonly string[]; readonly value: EditValue },
): string | null {
  const above = holderPath.length === 1 ? document.contents : document.getIn(holderPath.slice(0, -1), true);
  if (!isMap(above) || above.flow === true) return null;
  const key = above.items
    .map((pair) => pair.key)
    .find((one) => isScalar(one) && one.value === holderPath.at(-1));
  const start = startOf(key);
  if (start === null) return null;
  const style = styleOf(text);
  const indent = ' '.repeat(start - lineStart(text, start) + style.step);
  return withLines(text, start, linesFor(names, value, indent, style));
}

/** The lines put behind the line in which that offset is. */
function withLines(text: string, offset: number, lines: string): string {
  const at = lineEnd(text, offset);
  const gap = at === text.length && !text.endsWith('\n') ? newlineOf(text) : '';
  return replaced(text, [at, at], `${gap}${lines}`);
}

function flowText(names: readonly string[], value: EditValue): string {
  const [name = '', ...rest] = names;
  const below = rest.length > 0 ? `{ ${flowText(rest, value)} }` : flowValue(value);
  return `${scalarText(name)}: ${below}`;
}

const flowValue = (value: EditValue): string =>
  isList(value) ? `[${value.map((item) => scalarText(item)).join(', ')}]` : scalarText(value);

function intoFlow(holder: YAMLMap, text: string, names: readonly string[], value: EditValue): string | null {
  const entry = flowText(names, value);
  const [start, end] = holder.range ?? [];
  if (start === undefined || end === undefined) return null;
  const last = holder.items.at(-1);
  if (last === undefined) return replaced(text, [start, end], `{ ${entry} }`);
  const behind = endOf(last.value, text) ?? endOf(last.key, text);
  return behind === null ? null : replaced(text, [behind, behind], `, ${entry}`);
}

/** The list with other items; those that stay keep their lines and comments. */
function withItems(list: YAMLSeq, text: string, values: readonly string[]): string | null {
  const [start, end] = list.range ?? [];
  if (list.flow === true && start !== undefined && end !== undefined) {
    return commentsBetween(text, [start, end]).length > 0
      ? null
      : replaced(text, [start, end], flowValue(values));
  }
  if (values.length === 0 || !list.items.every((item) => isScalar(item))) return null;
  const lines = list.items.map((item) => itemLine(item, text));
  if (!lines.every((line) => line !== null)) return null;
  return editedItems(
    lines.map((line, index) => ({ ...line, value: String((list.items[index] as { value: unknown }).value) })), // scalars, as was just checked
    text,
    values,
  );
}

interface ItemLine {
  readonly begin: number;
  readonly behind: number;
  /** What stands before the value, such as `  - `. */
  readonly prefix: string;
}

function itemLine(item: unknown, text: string): ItemLine | null {
  const start = startOf(item);
  const end = endOf(item, text);
  if (start === null || end === null) return null;
  const begin = lineStart(text, start);
  const prefix = text.slice(begin, start);
  return /^\s*-\s+$/.test(prefix) ? { begin, behind: lineEnd(text, end), prefix } : null;
}

function editedItems(
  lines: readonly (ItemLine & { readonly value: string })[],
  text: string,
  values: readonly string[],
): string {
  const newline = newlineOf(text);
  const [first] = lines;
  const prefix = first?.prefix ?? '- ';
  let at = first?.begin ?? text.length;
  let edited = text.slice(0, at);
  let wanted = 0;
  const add = (until: number): void => {
    if (edited !== '' && !edited.endsWith('\n')) edited += newline;
    for (; wanted < until; wanted += 1) edited += `${prefix}${scalarText(values[wanted] ?? '')}${newline}`;
  };
  for (const line of lines) {
    edited += text.slice(at, line.begin);
    const found = values.indexOf(line.value, wanted);
    const whole = text.slice(line.begin, line.behind);
    if (found === -1) {
      edited += withoutLines(whole, [0, whole.length], prefix.replace(/-\s+$/, ''));
    } else {
      if (found > wanted) add(found);
      edited += whole;
      wanted = found + 1;
    }
    at = line.behind;
  }
  if (wanted < values.length) add(values.length);
  return edited + text.slice(at);
}
