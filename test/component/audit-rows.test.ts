import { describe, expect, it } from 'vitest';
import { AuditRows } from '../../src/renderer/audit-rows';
import { emptyDraft, filterOf, isNarrowed } from '../../src/renderer/audit-draft';
import { drawnRows } from '../../src/renderer/components/virtual-list';
import { noAuditFilter } from '../../src/shared/model/audit-filter';
import { deferred } from '../support/deferred';
import { sampleAuditRow } from '../support/sample-audit';

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
};

/** A log of that many rows; remembers which pages were asked for. */
function rowsOf(count: () => number): { readonly rows: AuditRows; readonly asked: readonly number[] } {
  const asked: number[] = [];
  const rows = new AuditRows(
    (from, wanted) => {
      asked.push(from);
      const length = Math.max(0, Math.min(wanted, count() - from));
      const found = Array.from({ length }, (_, at) => sampleAuditRow(from + at));
      return Promise.resolve({ kind: 'rows', rows: found });
    },
    () => undefined,
  );
  return { rows, asked };
}

describe('the rows of the audit page', () => {
  it('asks for each page once, and again when its end has grown', async () => {
    let count = 250;
    const { rows, asked } = rowsOf(() => count);
    rows.want(190, 249);
    rows.want(190, 249);
    await settled();
    expect(asked).toEqual([200, 0]);
    expect(rows.rowAt(249)).toEqual(sampleAuditRow(249));
    count = 260;
    rows.want(200, 259);
    await settled();
    expect(asked).toEqual([200, 0, 200]);
    expect(rows.rowAt(259)).toEqual(sampleAuditRow(259));
  });

  it('gives up what was wanted before the screen moved on', async () => {
    const first = deferred();
    const asked: number[] = [];
    const rows = new AuditRows(
      async (from) => {
        asked.push(from);
        await first.promise;
        return { kind: 'rows', rows: Array.from({ length: 200 }, (_, at) => sampleAuditRow(from + at)) };
      },
      () => undefined,
    );
    rows.want(0, 30);
    rows.want(5000, 5030);
    rows.want(90_000, 90_030);
    first.resolve();
    await settled();
    expect(asked).toEqual([0, 90_000]);
  });

  it('forgets what is far away, but not the chosen row', async () => {
    const { rows } = rowsOf(() => 100_000);
    rows.pin(5);
    for (let from = 0; from < 100_000; from += 4000) {
      rows.want(from, from + 20);
      await settled();
    }
    expect(rows.rowAt(5)).not.toBeNull();
    expect(rows.rowAt(4005)).toBeNull();
    expect(rows.rowAt(96_005)).not.toBeNull();
  });

  it('says when everything has to be looked at again', async () => {
    let isRenumbered = false;
    const rows = new AuditRows(
      () => Promise.resolve({ kind: 'renumbered' }),
      () => (isRenumbered = true),
    );
    rows.want(0, 10);
    await settled();
    expect(isRenumbered).toBe(true);
  });
});

describe('what is drawn and what is asked for', () => {
  it('draws what is seen and a little more', () => {
    const list = { count: 100_000, rowHeightPx: 52 };
    expect(drawnRows({ topPx: 0, heightPx: 520 }, list)).toEqual({ first: 0, last: 20 });
    expect(drawnRows({ topPx: 52_000, heightPx: 520 }, list)).toEqual({ first: 990, last: 1020 });
    expect(drawnRows({ topPx: 99_999 * 52, heightPx: 520 }, list).last).toBe(99_999);
    expect(drawnRows({ topPx: 9000, heightPx: 520 }, { count: 3, rowHeightPx: 52 })).toEqual({
      first: 0,
      last: 2,
    });
  });

  it('turns the fields into a question', () => {
    expect(filterOf(emptyDraft, 1000)).toEqual(noAuditFilter);
    expect(isNarrowed({ ...emptyDraft, text: '  ' })).toBe(false);
    expect(filterOf({ ...emptyDraft, when: 'day' }, 100 * 86_400_000).from).toBe(99 * 86_400_000);
    const range = { ...emptyDraft, when: 'range', from: '2026-03-02T09:30', until: 'nonsense' } as const;
    expect(filterOf(range, 0)).toMatchObject({ from: new Date(2026, 2, 2, 9, 30).getTime(), until: null });
  });
});
