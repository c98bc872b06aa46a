/** A header or a pair of a TOML text, with its lines. */
export interface TomlStatement {
  readonly kind: 'table' | 'array-table' | 'pair';
  /** From the root of the document. */
  readonly path: readonly string[];
  readonly from: number;
  /** Behind its line end. */
  readonly to: number;
}

/** Cuts a text that is valid TOML into its statements; comments and blank lines between them belong to none. */
export function tomlStatements(text: string): readonly TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  let at = 0;
  for (;;) {
    at = skip(/[\s\uFEFF]*/y, text, at);
    if (at >= text.length) return statements;
    if (text[at] === '#') {
      at = lineEndFrom(text, at);
      continue;
    }
    const from = at;
    const brackets = skip(/\[{0,2}/y, text, at) - at;
    const key = readKey(text, at + brackets);
    at = lineEndFrom(text, brackets === 0 ? skipValue(text, key.to) : key.to);
    if (brackets === 0) statements.push({ kind: 'pair', path: [...table, ...key.path], from, to: at });
    else {
      table = key.path;
      statements.push({ kind: brackets === 1 ? 'table' : 'array-table', path: table, from, to: at });
    }
  }
}

const KEY_PART = /[ \t]*(?:([A-Za-z0-9_-]+)|'([^'\n]*)'|"((?:[^"\\\n]|\\.)*)")[ \t]*/y;

function readKey(text: string, from: number): { readonly path: readonly string[]; readonly to: number } {
  const path: string[] = [];
  let at = from;
  for (;;) {
    KEY_PART.lastIndex = at;
    const part = KEY_PART.exec(text);
    if (part === null) return { path, to: at };
    path.push(part[1] ?? part[2] ?? unescaped(part[3] ?? ''));
    at = KEY_PART.lastIndex;
    if (text[at] !== '.') return { path, to: at };
    at += 1;
  }
}

/** A key with escapes that JSON does not know stays as it is written; it then counts as another name. */
function unescaped(written: string): string {
  try {
    const value: unknown = JSON.parse(`"${written}"`);
    return typeof value === 'string' ? value : written;
  } catch (error) {
    if (error instanceof SyntaxError) return written;
    throw error;
  }
}

// Strings of several lines first: their first two quotes look like an empty string. Up to two quotes may precede their end.
const PIECE =
  /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[{]|[\]}]|\n|[^"'#[\]{}\n]+/y;

/** Behind a value: strings and comments are skipped whole, brackets counted. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    PIECE.lastIndex = at;
    const [piece = ''] = PIECE.exec(text) ?? [];
    // What valid TOML never has; the caller's check of the result finds it.
    if (piece === '') return at + 1;
    if (piece === '[' || piece === '{') depth += 1;
    if (piece === ']' || piece === '}') depth -= 1;
    if (depth === 0 && (piece === '\n' || piece.startsWith('#'))) return at;
    at += piece.length;
  }
  return at;
}

function lineEndFrom(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.exec(text);
  return Math.max(pattern.lastIndex, from);
}
