import { propertiesOf, tokensBetween, type JsonNode } from './json-syntax';
import { lineEndOf } from './text-place';

/** A text and its tree. */
export interface JsonTarget {
  readonly text: string;
  readonly root: JsonNode;
}

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const DEFAULT_UNIT = '  ';

/** The text with a new last property, in the style of its neighbours; nothing that is there moves. */
export function insertProperty(
  target: JsonTarget,
  object: JsonNode,
  [key, value]: readonly [string, unknown],
): string {
  const { text } = target;
  const close = object.offset + object.length - 1;
  const last = propertiesOf(object).at(-1);
  const start = last === undefined ? object.offset + 1 : end(last);
  const tokens = tokensBetween(text, start, close);
  const hasTrailingComma = last !== undefined && tokens.some((token) => token.text === ',');
  const comma: Splice = { from: start, to: start, text: last === undefined || hasTrailingComma ? '' : ',' };
  // Behind the comments that follow the last property: the ones on its line belong to it.
  const at = tokens.at(-1)?.end ?? start;
  const after = hasTrailingComma ? ',' : '';
  const isInline =
    !text.includes('\n') || (last !== undefined && !text.slice(object.offset, close).includes('\n'));
  if (isInline) {
    const space = last === undefined ? '' : ' ';
    const property = `${space}${JSON.stringify(key)}: ${JSON.stringify(value)}${after}`;
    return spliced(text, [comma, { from: at, to: at, text: property }]);
  }
  const lineEnd = lineEndOf(text);
  const outer = indentOfLine(text, object.offset);
  const inner = (last === undefined ? null : ownIndent(text, last.offset)) ?? `${outer}${unitOf(target)}`;
  const property = `${lineEnd}${inner}${JSON.stringify(key)}: ${rendered(target, value, inner)}${after}`;
  const closing = text.slice(at, close).includes('\n') ? '' : `${lineEnd}${outer}`;
  return spliced(text, [comma, { from: at, to: at, text: `${property}${closing}` }]);
}

/** The text with another value in the place of that one. */
export function replaceValue(target: JsonTarget, old: JsonNode, value: unknown): string {
  const { text } = target;
  const isInline = !text.includes('\n');
  const fresh = isInline ? JSON.stringify(value) : rendered(target, value, indentOfLine(text, old.offset));
  return spliced(text, [{ from: old.offset, to: end(old), text: fresh }]);
}

/** The text without that property of the object, its comma and its own lines. */
export function removeProperty({ text }: JsonTarget, object: JsonNode, property: JsonNode): string {
  const properties = propertiesOf(object);
  const previous = properties[properties.indexOf(property) - 1];
  const next = properties[properties.indexOf(property) + 1];
  const close = object.offset + object.length - 1;
  const behind = tokensBetween(text, end(property), next?.offset ?? close);
  const ownComma = behind.find((token) => token.text === ',');
  const cuts: Splice[] = [
    linesOf(text, { from: property.offset, to: ownComma?.end ?? end(property), text: '' }),
  ];
  if (ownComma === undefined && previous !== undefined) {
    const comma = tokensBetween(text, end(previous), property.offset).find((token) => token.text === ',');
    if (comma !== undefined) cuts.unshift({ from: comma.offset, to: comma.end, text: '' });
  }
  if (properties.length === 1) {
    const inside =
      text.slice(object.offset + 1, property.offset) + text.slice(ownComma?.end ?? end(property), close);
    if (inside.trim() === '') return spliced(text, [{ from: object.offset + 1, to: close, text: '' }]);
  }
  return spliced(text, cuts);
}

/** Grows a cut to whole lines where nothing else is on them, else over the white space before it. */
function linesOf(text: string, cut: Splice): Splice {
  const lineStart = text.lastIndexOf('\n', cut.from - 1) + 1;
  const lineEnd = text.indexOf('\n', cut.to);
  const isAloneBefore = text.slice(lineStart, cut.from).trim() === '';
  if (isAloneBefore && lineEnd !== -1 && text.slice(cut.to, lineEnd).trim() === '') {
    return { ...cut, from: lineStart, to: lineEnd + 1 };
  }
  if (isAloneBefore) return cut;
  const gap = /[ \t]*$/.exec(text.slice(lineStart, cut.from))?.[0].length ?? 0;
  return { ...cut, from: cut.from - gap };
}

function rendered(target: JsonTarget, value: unknown, indent: string): string {
  const lines = JSON.stringify(value, null, unitOf(target)).split('\n');
  return lines.join(`${lineEndOf(target.text)}${indent}`);
}

/** One step of indentation: what the first member that stands on a line of its own is indented by. */
function unitOf({ text, root }: JsonTarget): string {
  for (const property of propertiesOf(root)) {
    const indent = ownIndent(text, property.offset);
    if (indent !== null && indent !== '') return indent;
  }
  return DEFAULT_UNIT;
}

/** The white space before something that begins its line; null when it does not. */
function ownIndent(text: string, offset: number): string | null {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return before.trim() === '' ? before : null;
}

function indentOfLine(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}

function end(node: JsonNode): number {
  return node.offset + node.length;
}

function spliced(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const { from, to, text: fresh } of splices) {
    result += text.slice(at, from) + fresh;
    at = to;
  }
  return result + text.slice(at);
}
