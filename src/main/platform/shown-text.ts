const MAX_SHOWN = 80;

/** Text of somebody else's that is safe in one line of a terminal: no control characters, not endless. */
export function shown(text: string, maxLength = MAX_SHOWN): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escaped);
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}...` : clean;
}

/** A path as it can be pasted behind a command in a shell. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
