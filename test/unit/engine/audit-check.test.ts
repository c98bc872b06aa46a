import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isHarmless } from '../../../src/main/engine/observe/audit-opening';
import { chained } from '../../../src/main/engine/observe/audit-record';
import { auditFact, auditLines, checkedLines, headOf } from '../../support/audit-bench';

describe('SEC-85 checking the audit log', () => {
  const { lines, position } = auditLines(40);
  const head = headOf(position);

  it('says that a whole chain is complete to the record that was sealed', () => {
    expect(checkedLines(lines, head)).toMatchObject({
      problem: null,
      records: 40,
      from: 1,
      to: 40,
      sealedTo: 40,
      whyUnsealed: null,
    });
  });

  it('finds each change, cut, reordering, repetition and insertion, wherever it is', () => {
    const line = fc.nat({ max: lines.length - 1 });
    const edits = fc.oneof(
      fc.tuple(line, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, place, flip]) => {
        const bytes = Buffer.from(lines[at] ?? '', 'latin1');
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        return { at, edited: lines.with(at, bytes.toString('latin1')) };
      }),
      fc
        .tuple(line, fc.integer({ min: 1, max: 10 }))
        .map(([at, count]) => ({ at, edited: lines.toSpliced(at, count) })),
      fc
        .tuple(line, line)
        .map(([at, to]) => ({ at: Math.min(at, to), edited: lines.toSpliced(to, 0, lines[at] ?? '') })),
      fc
        .tuple(line, line)
        .filter(([one, other]) => one !== other)
        .map(([one, other]) => ({
          at: Math.min(one, other),
          edited: lines.with(one, lines[other] ?? '').with(other, lines[one] ?? ''),
        })),
      fc.tuple(line, fc.string()).map(([at, text]) => ({ at, edited: lines.toSpliced(at, 0, text) })),
    );
    fc.assert(
      fc.property(edits, ({ at, edited }) => {
        const { problem, to } = checkedLines(edited, head);
        expect(problem).not.toBeNull();
        // It names the record where the trouble begins, not one far behind it.
        if (at > 0) expect(problem?.record ?? Number.NaN).toBeLessThanOrEqual(at + 2);
        expect(to).toBeLessThanOrEqual(Math.max(at + 1, 40));
      }),
      { numRuns: 500 },
    );
  });

  it('finds a tail that was cut off by the sealed head alone', () => {
    for (const kept of [0, 1, 20, 39]) {
      const { problem } = checkedLines(lines.slice(0, kept), head);
      expect(problem).toMatchObject({ kind: 'missing', record: kept + 1 });
    }
    // Without a head the chain itself shows nothing; that is said.
    expect(checkedLines(lines.slice(0, 20), null)).toMatchObject({ problem: null, to: 20, sealedTo: null });
  });

  it('finds a chain that somebody wrote anew without the key', () => {
    const forged = auditLines(40, { chain: 'c1', seq: 0, hash: '1'.repeat(64) });
    expect(checkedLines(forged.lines, head).problem).toMatchObject({ kind: 'not-sealed-one', record: 40 });
    const otherKey = Buffer.alloc(32, 9).toString('base64');
    expect(checkedLines(forged.lines, headOf(forged.position, otherKey)).problem).toMatchObject({
      kind: 'head-changed',
    });
    expect(checkedLines(lines, `${head.slice(0, -3)}x}\n`).problem).toMatchObject({ kind: 'head-changed' });
  });

  it('names a changed record by its place, whatever number stands in it', () => {
    const changed = lines.with(7, lines[7]?.replace('"seq":8', '"seq":800') ?? '');
    expect(checkedLines(changed, head)).toMatchObject({ to: 7, problem: { kind: 'changed', record: 8 } });
  });

  it('says what it cannot prove when the keychain is away', () => {
    const key = { kind: 'none', reason: 'the keychain is locked' } as const;
    expect(checkedLines(lines, head, key)).toMatchObject({
      problem: null,
      to: 40,
      sealedTo: null,
      whyUnsealed: 'the keychain is locked',
    });
    expect(checkedLines(lines.slice(0, 30), head, key).problem).toMatchObject({
      kind: 'missing',
      record: 31,
    });
  });

  it('takes gaps that a crash explains for remarks, and others for what is wrong', () => {
    const withGap = (reason: string): readonly string[] => {
      const gap = {
        ...auditFact('audit-gap'),
        outcome: 'lost' as const,
        facts: { reason, foundTo: 40, count: 3 },
      };
      return [...lines, chained(gap, position).line];
    };
    for (const reason of ['not-closed', 'torn', 'dropped', 'cut', 'damaged', 'head-changed']) {
      const { problem, remarks } = checkedLines(withGap(reason), head);
      expect(problem?.kind, reason).toBe(isHarmless(reason) ? undefined : 'gap');
      expect(remarks, reason).toHaveLength(isHarmless(reason) ? 1 : 0);
    }
  });

  it('believes a missing beginning only when the log itself says that it was removed', () => {
    const removed = { ...auditFact('audit-files-removed'), facts: { through: 10, files: 1 } };
    const end = chained(removed, position);
    const headed = headOf(end.position);
    expect(checkedLines([...lines, end.line].slice(10), headed)).toMatchObject({ problem: null, from: 11 });
    expect(checkedLines([...lines, end.line].slice(11), headed).problem).toMatchObject({
      kind: 'missing',
      record: 1,
    });
    expect(checkedLines(lines.slice(10), head).problem).toMatchObject({ kind: 'missing', record: 1 });
  });

  it('misses a head that was there', () => {
    const announced = chained(auditFact('audit-sealing'), position);
    expect(checkedLines([...lines, announced.line], null).problem).toMatchObject({ kind: 'head-missing' });
  });
});
