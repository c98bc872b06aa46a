import { shown } from '../shown-text';

const MAX_LINE = 240;
const MAX_LINES = 400;
/** Longer lines, such as a whole file on one line, are not taken apart. */
const MAX_MASKED = 4000;
const MAX_COMPARED = 1_000_000;

/**
 * The changed lines of a text, `-` before and `+` after. A line of a client's file may hold somebody else's secret, so
 * every string but keys and the given ones is masked.
 */
export function lineDiff(before: string, after: string, ours: readonly string[]): readonly string[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const shorter = Math.min(old.length, fresh.length) - start;
  while (end < shorter && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  const removed = old.slice(start, old.length - end);
  const added = fresh.slice(start, fresh.length - end);
  const kept = commonLines(removed, added);
  const allowed = new Set(ours);
  const sign = (mark: string, lines: readonly string[], common: ReadonlySet<number>): readonly string[] =>
    lines.flatMap((line, index) =>
      common.has(index) || line === ''
        ? []
        : [`${mark} ${shown(masked(line, allowed).replaceAll('\t', '  '), MAX_LINE)}`],
    );
  const all = [...sign('-', removed, kept.before), ...sign('+', added, kept.after)];
  return all.length <= MAX_LINES
    ? all
    : [...all.slice(0, MAX_LINES), `  ... ${all.length - MAX_LINES} more lines`];
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/\r?\n/);
}

/** Lines that are in both, in order, found greedily: enough for two places that changed. */
function commonLines(
  before: readonly string[],
  after: readonly string[],
): { readonly before: ReadonlySet<number>; readonly after: ReadonlySet<number> } {
  const inBefore = new Set<number>();
  const inAfter = new Set<number>();
  if (before.length * after.length > MAX_COMPARED) return { before: inBefore, after: inAfter };
  let at = 0;
  before.forEach((line, index) => {
    const found = after.indexOf(line, at);
    if (found === -1) return;
    inBefore.add(index);
    inAfter.add(found);
    at = found + 1;
  });
  return { before: inBefore, after: inAfter };
}

const STRING = /"(?:[^"\\]|\\.)*"(\s*[:=\]])?|'[^']*'(\s*[=\]])?/g;

function masked(line: string, allowed: ReadonlySet<string>): string {
  if (line.length > MAX_MASKED) return `... (a line of ${line.length} characters)`;
  // A comment, or the inside of a string of several lines.
  if (!/["'[\]{}=,:]/.test(line) && line.trim() !== '') return '...';
  if (!isTableHeader(line) && hasBareText(line.replaceAll(STRING, '""$1$2'))) return '...';
  return withoutComment(line).replaceAll(STRING, (text, jsonKey?: string, tomlKey?: string) => {
    const isKey = (jsonKey ?? tomlKey ?? ']').trim() !== ']';
    return isKey || isAllowed(text, allowed) ? text : `"..."${(jsonKey ?? tomlKey ?? '').trim()}`;
  });
}

const isTableHeader = (line: string): boolean => /^\s*\[\[?[\w.\- "']*\]\]?\s*$/.test(line);

/** A word in the place of a value that is no number, date or truth value: part of a string of several lines. */
function hasBareText(line: string): boolean {
  const values = withoutComment(line).matchAll(/[=:,[]\s*([^\s"'[\]{},=:]+)/g);
  return [...values].some(
    ([, value = '']) => !/^(true|false|null|[-+]?(inf|nan|\d[\d_.eE+-]*))$/.test(value),
  );
}

/** Comments may hold anything, such as a token that somebody switched off. */
function withoutComment(line: string): string {
  const parts = /^((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#/]|\/(?![/*]))*)(\/\/|\/\*|#)?/.exec(line);
  return parts?.[2] === undefined ? line : `${parts[1] ?? ''}${parts[2]} ...`;
}

function isAllowed(text: string, allowed: ReadonlySet<string>): boolean {
  const end = text.lastIndexOf(text.startsWith("'") ? "'" : '"');
  const literal = text.slice(0, end + 1);
  if (literal.startsWith("'")) return allowed.has(literal.slice(1, -1));
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' && allowed.has(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
