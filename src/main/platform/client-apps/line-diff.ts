import { lineChanges, type LineChange } from '../line-changes';
import { shown } from '../shown-text';

const MAX_LINE = 240;
const MAX_LINES = 400;
/** Longer lines, such as a whole file on one line, are not taken apart. */
const MAX_MASKED = 4000;

/**
 * The changed lines of a text, `-` before and `+` after. A line of a client's file may hold somebody else's secret, so
 * every string but keys and the given ones is masked.
 */
export function lineDiff(before: string, after: string, ours: readonly string[]): readonly string[] {
  const changes = lineChanges(before, after);
  const allowed = new Set(ours);
  const sign = (mark: string, wanted: LineChange['kind']): readonly string[] =>
    changes.flatMap(({ kind, text }) =>
      kind === wanted && text !== ''
        ? [`${mark} ${shown(masked(text, allowed).replaceAll('\t', '  '), MAX_LINE)}`]
        : [],
    );
  const all = [...sign('-', 'removed'), ...sign('+', 'added')];
  return all.length <= MAX_LINES
    ? all
    : [...all.slice(0, MAX_LINES), `  ... ${all.length - MAX_LINES} more lines`];
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
