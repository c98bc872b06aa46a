/** True for texts that a pattern covers. */
export type Matcher = (text: string) => boolean;

/** `*` stands for any number of characters; everything else for itself. Takes linear time for each part. */
export function globMatcher(pattern: string): Matcher {
  const parts = pattern.split('*');
  if (parts.length === 1) return (text) => text === pattern;
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let from = first.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}
