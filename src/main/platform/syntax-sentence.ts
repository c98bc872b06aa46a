/** The parser's own sentences quote the text, which may be a token; these do not. */
export function syntaxSentence(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'A tab is used for indentation; use spaces.';
    case 'BAD_INDENT':
      return 'The indentation does not fit the lines above.';
    case 'DUPLICATE_KEY':
      return 'A key is set twice; keep one of them.';
    case 'MISSING_CHAR':
      return 'A character is missing, such as a closing quote or bracket, a colon, or a space behind a colon.';
    case 'BAD_DQ_ESCAPE':
      return 'A backslash in a text in double quotes is not followed by a known letter; use single quotes.';
    case 'BAD_SCALAR_START':
      return 'A value starts with a character that must stand in quotes.';
    case 'MULTIPLE_DOCS':
      return 'The file holds several documents (---); keep one.';
    case 'MULTILINE_IMPLICIT_KEY':
    case 'KEY_OVER_1024_CHARS':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'A key is too long, or two keys stand in one line, or a colon is missing.';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return 'An anchor (&) or an alias (*) is not well formed; put texts that start with one of these characters in quotes.';
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
      return 'Tags (!) are not supported; put texts that start with an exclamation mark in quotes.';
    case 'BLOCK_IN_FLOW':
    case 'BAD_COLLECTION_TYPE':
      return 'Block and bracket notation are mixed in a way that cannot be read.';
    case 'RESOURCE_EXHAUSTION':
      return 'The file is nested too deeply or too large.';
    default:
      return 'Something stands here that does not belong here.';
  }
}
