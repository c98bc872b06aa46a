/** Above this many pairs the middle of two texts is not compared line by line. */
const MAX_COMPARED = 1_000_000;

/** A line that is in one of the two texts or in both; numbers are 1-based. */
export type LineChange =
  | { readonly kind: 'same'; readonly before: number; readonly after: number; readonly text: string }
  | { readonly kind: 'removed'; readonly before: number; readonly text: string }
  | { readonly kind: 'added'; readonly after: number; readonly text: string };

/** The lines of both texts in order, with as many as possible in common. */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const shorter = Math.min(old.length, fresh.length) - start;
  while (end < shorter && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  const same = (from: number, to: number, shift: number): readonly LineChange[] =>
    old.slice(from, to).map((text, index) => ({
      kind: 'same',
      before: from + index + 1,
      after: from + index + 1 + shift,
      text,
    }));
  return [
    ...same(0, start, 0),
    ...middle(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end), start),
    ...same(old.length - end, old.length, fresh.length - old.length),
  ];
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function middle(old: readonly string[], fresh: readonly string[], start: number): readonly LineChange[] {
  const lengths = old.length * fresh.length > MAX_COMPARED ? null : commonLengths(old, fresh);
  const changes: LineChange[] = [];
  let [one, other] = [0, 0];
  while (one < old.length || other < fresh.length) {
    const [text, newText] = [old[one], fresh[other]];
    const isSame = lengths !== null && text !== undefined && text === newText;
    if (isSame) {
      changes.push({ kind: 'same', before: start + one + 1, after: start + other + 1, text });
      one += 1;
      other += 1;
    } else if (
      text !== undefined &&
      (newText === undefined ||
        lengths === null ||
        lengthAt(lengths, one + 1, other) >= lengthAt(lengths, one, other + 1))
    ) {
      changes.push({ kind: 'removed', before: start + one + 1, text });
      one += 1;
    } else if (newText !== undefined) {
      changes.push({ kind: 'added', after: start + other + 1, text: newText });
      other += 1;
    }
  }
  return changes;
}

const lengthAt = (lengths: readonly (readonly number[])[], one: number, other: number): number =>
  lengths[one]?.[other] ?? 0;

/** For each pair of places, how many lines what follows has in common. */
function commonLengths(old: readonly string[], fresh: readonly string[]): readonly (readonly number[])[] {
  const lengths: number[][] = Array.from({ length: old.length + 1 }, () => []);
  for (let one = old.length - 1; one >= 0; one -= 1) {
    const row = lengths[one] ?? [];
    for (let other = fresh.length - 1; other >= 0; other -= 1) {
      row[other] =
        old[one] === fresh[other]
          ? lengthAt(lengths, one + 1, other + 1) + 1
          : Math.max(lengthAt(lengths, one + 1, other), row[other + 1] ?? 0);
    }
  }
  return lengths;
}
