import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../../../src/main/engine/observe/audit-record';
import { AuditIndex } from '../../../src/main/platform/audit-index';
import { openWriter, writeFacts, writeLog, writtenFact, WRITTEN_AT } from '../../support/audit-writer';

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  output = join(folder, 'audit.log');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const quiet = { signal: new AbortController().signal, onProgress: () => undefined };
const build = (limit?: number): Promise<AuditIndex> =>
  AuditIndex.build({ output, platform: process.platform, ...(limit === undefined ? {} : { limit }) }, quiet);

async function idsOf(index: AuditIndex, positions: readonly number[]): Promise<readonly unknown[]> {
  const lines = await index.lines(positions);
  return lines.map((line) => (line === null ? 'gone' : (readRecord(line)?.time ?? 'changed')));
}
const everyPosition = (index: AuditIndex): number[] => Array.from({ length: index.count }, (_, at) => at);
const timeOf = (at: number): string => new Date(WRITTEN_AT + at * 1000).toISOString();

describe('the index of the audit log', () => {
  it('finds each record, in and across many files', async () => {
    await writeLog({ output, count: 3000, maxFileBytes: 64 * 1024 });
    const index = await build();
    // The writer closed it with a record of its own.
    expect(index.count).toBe(3001);
    expect(await idsOf(index, [0, 1, 1777, 2999])).toEqual([0, 1, 1777, 2999].map(timeOf));
    expect(index.timeAt(1777)).toBe(WRITTEN_AT + 1_777_000);
    const lines = await index.lines(everyPosition(index));
    expect(lines.every((line) => line !== null && readRecord(line) !== null)).toBe(true);
  });

  it('puts what several processes wrote into the order of time', async () => {
    const [one, other] = [await openWriter({ output, count: 0 }), await openWriter({ output, count: 0 })];
    await writeFacts(
      one,
      [0, 2, 4].map((at) => writtenFact(at, WRITTEN_AT + at * 1000)),
    );
    await writeFacts(
      other,
      [1, 3, 5].map((at) => writtenFact(at, WRITTEN_AT + at * 1000)),
    );
    const index = await build();
    expect(await idsOf(index, [0, 1, 2, 3, 4, 5])).toEqual([0, 1, 2, 3, 4, 5].map(timeOf));
    await one.close();
    await other.close();
  });

  it('takes what is added, also when the file was put aside meanwhile, and moves nothing', async () => {
    const chain = await openWriter({ output, count: 0, maxFileBytes: 4000 });
    await writeFacts(
      chain,
      [0, 1].map((at) => writtenFact(at, WRITTEN_AT + at * 1000)),
    );
    const index = await build();
    expect(index.count).toBe(2);
    const more = Array.from({ length: 50 }, (_, at) => writtenFact(at + 2, WRITTEN_AT + (at + 2) * 1000));
    await writeFacts(chain, more);
    expect(await index.update()).toBe(true);
    expect(await idsOf(index, everyPosition(index))).toEqual(
      Array.from({ length: 52 }, (_, at) => timeOf(at)),
    );
    await chain.close();
  });

  it('says where a file is gone, and that a shorter one has to be indexed anew', async () => {
    const chain = await openWriter({ output, count: 0, maxFileBytes: 4000, maxFiles: 2 });
    await writeFacts(chain, [writtenFact(0, WRITTEN_AT)]);
    const index = await build();
    const more = Array.from({ length: 100 }, (_, at) => writtenFact(at + 1, WRITTEN_AT + (at + 1) * 1000));
    await writeFacts(chain, more);
    await index.update();
    expect(await idsOf(index, [0])).toEqual(['gone']);
    await chain.close();
    const anew = await build();
    writeFileSync(output, readFileSync(output).subarray(0, 100));
    expect(await anew.update()).toBe(false);
  });

  it('holds no more than its limit: the newest ones', async () => {
    await writeLog({ output, count: 900, maxFileBytes: 32 * 1024 });
    const index = await build(100);
    expect(index.count).toBe(100);
    expect(index.hasOlder).toBe(true);
    expect((await idsOf(index, [98]))[0]).toBe(timeOf(899));
    await writeLog({ output, count: 50, startAt: WRITTEN_AT + 1_000_000 });
    expect(await index.update()).toBe(false);
  });

  it('ends at once when it is told to', async () => {
    await writeLog({ output, count: 10 });
    const ending = new AbortController();
    ending.abort(new Error('enough'));
    const built = AuditIndex.build(
      { output, platform: process.platform },
      { signal: ending.signal, onProgress: () => undefined },
    );
    await expect(built).rejects.toThrow('enough');
  });

  it('is empty where there is no folder yet', async () => {
    rmSync(folder, { recursive: true });
    expect((await build()).count).toBe(0);
  });
});
