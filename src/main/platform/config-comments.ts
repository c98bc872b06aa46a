import { Lexer } from 'yaml';

/** Says of the lexeme that follows that it is a scalar, and is no part of the text itself. */
const SCALAR_MARK = '\x1f';
const MARKS: ReadonlySet<string> = new Set(['\x02', '\x18', SCALAR_MARK]);

/** The comments of that part of a YAML text, each from its `#` to the end of its line. */
export function commentsBetween(text: string, [from, to]: readonly [number, number]): readonly string[] {
  const comments: string[] = [];
  let offset = 0;
  let isScalarNext = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) {
      isScalarNext = lexeme === SCALAR_MARK;
      continue;
    }
    if (!isScalarNext && lexeme.startsWith('#') && offset >= from && offset < to) {
      comments.push(lexeme.trimEnd());
    }
    isScalarNext = false;
    offset += lexeme.length;
  }
  return comments;
}
