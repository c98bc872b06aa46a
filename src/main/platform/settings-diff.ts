import type { DiffLine } from '../../shared/ipc/settings-calls';
import { parseConfigText } from './config-file';
import type { ConfigNode } from './config-tree';
import { lineChanges, type LineChange } from './line-changes';
import { shown } from './shown-text';
import { withoutTokenShapes } from './token-shapes';

const MAX_LINES = 400;
const MAX_LINE = 240;
/** Lines of the file that are shown around a change. */
const AROUND = 2;

/**
 * The difference between two texts of a valid configuration, with a little around it. What stands in comments is left
 * out, arguments of a program and parts of addresses as well: they may hold a secret, and the page needs none of them.
 */
export function settingsDiff(before: string, after: string): readonly DiffLine[] {
  const changes = lineChanges(before, after);
  const near = changes.map((_, index) =>
    changes.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );
  const lines: DiffLine[] = [];
  const hidden = { before: argumentLines(before), after: argumentLines(after) };
  changes.forEach((change, index) => {
    const isHidden =
      change.kind === 'added' ? hidden.after.has(change.after) : hidden.before.has(change.before);
    const text = isHidden ? '...' : shown(withoutSecrets(change.text).replaceAll('\t', '  '), MAX_LINE);
    if (near[index] === true) lines.push(diffLine(change, text));
    else if (near[index - 1] === true) lines.push({ kind: 'gap', line: lineOf(change), text: '' });
  });
  const told = lines.at(-1)?.kind === 'gap' ? lines.slice(0, -1) : lines;
  if (told.length <= MAX_LINES) return told;
  return [...told.slice(0, MAX_LINES), { kind: 'gap', line: MAX_LINES, text: '' }];
}

const lineOf = (change: LineChange): number => (change.kind === 'added' ? change.after : change.before);

const diffLine = (change: LineChange, text: string): DiffLine => ({
  kind: change.kind,
  line: lineOf(change),
  text,
});

/** The lines on which arguments of `token_command` stand: from its key to what comes next. */
function argumentLines(text: string): ReadonlySet<number> {
  const { tree } = parseConfigText(text);
  const places = tree === null ? [] : placesOf(tree);
  const isArgument = ({ path }: Place): boolean => /(^|\.)token_command(\[\d+\])?$/.test(path);
  const lines = places.filter(isArgument).map(({ line }) => line);
  if (lines.length === 0) return new Set();
  const last = Math.max(...lines);
  const behind = places.filter((place) => !isArgument(place) && place.line > last).map(({ line }) => line);
  const first = Math.min(...lines);
  const end = Math.max(last + 1, Math.min(...behind, text.split('\n').length + 1));
  return new Set(Array.from({ length: end - first }, (_, index) => first + index));
}

interface Place {
  readonly path: string;
  readonly line: number;
}

function placesOf(node: ConfigNode): readonly Place[] {
  const { origin } = node;
  const here = origin.kind === 'file' ? [{ path: origin.path, line: origin.line }] : [];
  const below = node.kind === 'map' ? [...node.entries.values()] : node.kind === 'list' ? node.items : [];
  return [...here, ...below.flatMap(placesOf)];
}

function withoutSecrets(line: string): string {
  // Also where the sign stands inside of a text: too little is shown rather than too much.
  const bare = line.replace(/(^|\s)#.*$/s, '$1# ...');
  const addresses = bare
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']*@/gi, '$1...@')
    .replace(/(:\/\/[^\s?#"']*)[?#][^\s"']*/g, '$1?...');
  return withoutTokenShapes(addresses);
}
