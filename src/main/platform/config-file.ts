import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Parser,
  type CST,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';

import { problemWithoutPlace, type LocatedProblem } from './config-problems';
import { emptyTree, type ConfigNode, type MapNode, type Origin } from './config-tree';
import { shownKey } from './inline-secrets';
import { syntaxSentence } from './syntax-sentence';

/** Above these a document is an attack or an accident, not a configuration. */
const MAX_NODES = 5000;
const MAX_DEPTH = 16;

/** The parser reads more names of anchors than it would write. */
const UNWRITABLE_ANCHOR = /[\s\p{Cc},[\]{}]/u;

/** The content of a configuration file; `tree` is null when the text cannot be read as one. */
export interface ParsedConfig {
  readonly tree: MapNode | null;
  readonly problems: readonly LocatedProblem[];
}

/** Reads YAML text. Messages never repeat the text itself, because it may hold a secret. */
export function parseConfigText(text: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parsedDocument(text, lines);
  if (document === null) return failed(problemWithoutPlace('error', 'The file is nested too deeply.'));
  // Warnings are unknown tags and directives: what they mean would be lost.
  const syntax = [...document.errors, ...document.warnings].map((error) => syntaxProblem(error, lines));
  if (syntax.length > 0) return failed(...syntax);
  return new TreeReader(lines).read(document);
}

/** Null when the text is nested deeper than any configuration. */
export function parsedDocument(text: string, lineCounter: LineCounter): Document.Parsed | null {
  if (isNestedTooDeeply(text)) return null;
  return parseDocument(text, {
    version: '1.2',
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
    lineCounter,
    // "silent" would also keep quiet about a second document.
    logLevel: 'error',
  });
}

/**
 * Asked before the text is composed, because composing calls itself for each level: thousands of open brackets use up
 * the stack, and a regular expression compiled at its very end makes V8 abort the process.
 */
function isNestedTooDeeply(text: string): boolean {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) open.push({ token, depth: 0 });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return true;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
  return false;
}

class TreeReader {
  private readonly problems: LocatedProblem[] = [];
  private readonly anchors = new Map<string, Node>();
  private nodes = 0;

  constructor(private readonly lines: LineCounter) {}

  read(document: Document.Parsed): ParsedConfig {
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      return { tree: emptyTree(), problems: [] };
    }
    const root = this.node(contents, '', this.originOf(contents, ''), 0);
    if (this.problems.length > 0) return { tree: null, problems: this.problems };
    if (root?.kind !== 'map') {
      const message = 'The file must be a mapping that starts with "gateway:", not a single value or a list.';
      return failed({ ...this.place(contents, ''), severity: 'error', message });
    }
    return { tree: root, problems: [] };
  }

  private node(node: unknown, path: string, origin: Origin, depth: number): ConfigNode | null {
    this.nodes += 1;
    if (this.nodes > MAX_NODES || depth > MAX_DEPTH) return this.tooMuch(origin);
    if (isAlias(node)) return this.alias(node, path, origin, depth);
    const read = this.collectionOrScalar(node, path, origin, depth);
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
      if (UNWRITABLE_ANCHOR.test(node.anchor)) {
        return this.refuse(origin, 'The name of an anchor (&) may hold no spaces and no control characters.');
      }
      // Known only from here on, so that no alias can point into itself.
      this.anchors.set(node.anchor, node);
    }
    return read;
  }

  private collectionOrScalar(node: unknown, path: string, origin: Origin, depth: number): ConfigNode | null {
    if (isMap(node)) return this.map(node.items, path, origin, depth);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => {
        const itemPath = `${path}[${index}]`;
        return this.node(item, itemPath, this.originOf(item, itemPath, origin), depth + 1);
      });
      return { kind: 'list', origin, items: items.filter((item) => item !== null) };
    }
    const value = isScalar(node) ? node.value : null;
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    ) {
      return { kind: 'scalar', origin, value };
    }
    return this.refuse(origin, 'This kind of value is not supported here.');
  }

  private map(pairs: readonly unknown[], path: string, origin: Origin, depth: number): MapNode | null {
    const entries = new Map<string, ConfigNode>();
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const key = isScalar(pair.key) ? pair.key.value : pair.key;
      const keyOrigin = this.originOf(pair.key, path, origin);
      if (typeof key !== 'string') {
        this.refuse(keyOrigin, 'A key must be a plain name.');
        continue;
      }
      const name = shownKey(key);
      const keyPath = path === '' ? name : `${path}.${name}`;
      const here: Origin = { ...keyOrigin, path: keyPath };
      const first = entries.get(key)?.origin;
      if (first !== undefined) {
        const where = first.kind === 'file' ? ` (first in line ${first.line})` : '';
        this.refuse(here, `"${name}" is set twice${where}; keep one of them.`);
        continue;
      }
      const value = this.node(pair.value, keyPath, here, depth + 1);
      if (value !== null) entries.set(key, value);
    }
    return { kind: 'map', origin, entries };
  }

  private alias(
    node: { readonly source: string },
    path: string,
    origin: Origin,
    depth: number,
  ): ConfigNode | null {
    const target = this.anchors.get(node.source);
    if (target === undefined) {
      return this.refuse(origin, 'The alias (*) names an anchor (&) that is not defined above it.');
    }
    return this.collectionOrScalar(target, path, origin, depth);
  }

  private tooMuch(origin: Origin): null {
    const message = `The file holds too much: at most ${MAX_NODES} values and ${MAX_DEPTH} levels, aliases counted each time.`;
    // Said once; every further value would say it again.
    return this.problems.some((problem) => problem.message === message) ? null : this.refuse(origin, message);
  }

  private refuse(origin: Origin, message: string): null {
    const place = origin.kind === 'file' ? origin : { path: origin.path, line: null, column: null };
    this.problems.push({
      severity: 'error',
      path: place.path,
      line: place.line,
      column: place.column,
      message,
    });
    return null;
  }

  private place(
    node: unknown,
    path: string,
  ): { readonly path: string; readonly line: number; readonly column: number } {
    const { line, column } = this.originOf(node, path);
    return { path, line, column };
  }

  /** Where the node starts; where it has no text of its own, the place of what holds it. */
  private originOf(node: unknown, path: string, holder?: Origin): Extract<Origin, { kind: 'file' }> {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;
    if (range) {
      const { line, col } = this.lines.linePos(range[0]);
      return { kind: 'file', path, line: Math.max(1, line), column: Math.max(1, col) };
    }
    return holder?.kind === 'file' ? { ...holder, path } : { kind: 'file', path, line: 1, column: 1 };
  }
}

function failed(...problems: readonly LocatedProblem[]): ParsedConfig {
  return { tree: null, problems };
}

function syntaxProblem(error: YAMLError, lines: LineCounter): LocatedProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  return {
    severity: 'error',
    path: '',
    line: Math.max(1, line),
    column: Math.max(1, col),
    message: `${syntaxSentence(error.code)} The file is not valid YAML here.`,
  };
}
