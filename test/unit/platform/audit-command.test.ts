import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runAudit } from '../../../src/main/cli/audit';
import { csvRow } from '../../../src/main/compose/audit-format';
import { chained, NO_HASH, readRecord } from '../../../src/main/engine/observe/audit-record';
import { createMachine } from '../../../src/main/platform/machine';
import { auditFact, auditLines } from '../../support/audit-bench';
import { TemporaryHome } from '../../support/router-process';

import { pipedIo, type CapturedIo } from './captured-io';

let home: TemporaryHome;
let log: string;
let io: CapturedIo;
beforeEach(() => {
  home = new TemporaryHome();
  mkdirSync(join(home.path, 'a'));
  log = join(home.path, 'a', 'audit.log');
  io = pipedIo();
});
afterEach(() => {
  home.remove();
});

const run = (...argv: readonly string[]): Promise<number> =>
  runAudit(
    argv,
    io.io,
    createMachine({ platform: 'linux', env: {}, home: home.path, cwd: home.path, uid: null }),
  );

describe('mcp-router audit', () => {
  it.each([
    [[], 'a command is missing'],
    [['look'], 'unknown command "look"'],
    [['verify', 'x'], '"x" does not belong here'],
    [['verify', '--follow'], '--follow does not go with verify'],
    [['tail', '-n', 'many'], '-n takes a whole number'],
    [['tail', '-n', '-1'], /-n/],
    [['export'], '--format must be jsonl or csv'],
    [['export', '--format', 'csv', '--since', 'yesterday'], '--since and --until take'],
    [['export', '--format', 'csv', '--since', '2026-05-01T09:00'], '--since and --until take'],
  ])('refuses %j with a sentence', async (argv, sentence) => {
    expect(await run(...argv)).toBe(64);
    expect(io.err()).toMatch(sentence);
  });

  it('says that there is nothing to read', async () => {
    expect(await run('verify', '--file', log)).toBe(2);
    expect(io.err()).toContain('There is no audit log at');
    expect(await run('verify', '--file', join(home.path, 'b', 'audit.log'))).toBe(2);
    expect(io.err()).toContain('cannot be read: it does not exist');
  });

  it('shows the newest records, and exports those of a time', async () => {
    writeFileSync(log, `${auditLines(5).lines.join('\n')}\n`);
    expect(await run('tail', '-n', '2', '--file', log)).toBe(0);
    expect(io.out().split('\n')).toHaveLength(3);
    expect(io.out()).toContain('#5 action-4 ok [client s1 "Zo\\u00eb"] detail="a \\"quoted\\" text"');
    const output = join(home.path, 'out.jsonl');
    const format = ['export', '--format', 'jsonl', '--file', log, '--output', output];
    expect(await run(...format, '--since', '2026-01-03')).toBe(0);
    expect(readFileSync(output, 'utf8')).toBe('');
    expect(await run(...format)).toBe(2);
    expect(io.err()).toContain('the file is there already');
    expect(await run(...format.with(-1, `${output}.2`), '--until', '2026-01-02T03:04:05.007Z')).toBe(0);
    expect(readFileSync(`${output}.2`, 'utf8')).toBe(readFileSync(log, 'utf8'));
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('leaves out what is not as it was written, and says so', async () => {
    const { lines } = auditLines(3);
    writeFileSync(log, `${lines.with(1, lines[1]?.replace('action-1', 'action-9') ?? '').join('\n')}\n`);
    expect(await run('export', '--format', 'jsonl', '--file', log)).toBe(1);
    expect(io.out().split('\n')).toHaveLength(3);
    expect(io.err()).toContain('1 lines were left out');
    expect(await run('verify', '--file', log)).toBe(1);
    expect(io.out()).toMatch(/record #2 is not as it was written \(.*audit\.log, line 2\)/);
  });
});

describe('SEC-89 a table of audit records', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '"=1', '\uff1d1', '|calc', "'=1"])(
    'has no formula where a client is called %j',
    (claimedName) => {
      const fact = {
        ...auditFact('=cmd'),
        actor: { kind: 'client', claimedName },
        facts: { a: '=1', b: '"' },
      };
      const record = readRecord(chained(fact, { chain: 'c1', seq: 0, hash: NO_HASH }).line);
      const row = record === null ? '' : csvRow(record);
      expect(row).toMatch(/^("([^"]|"")*",)*"([^"]|"")*"\r\n$/);
      const cells = row.slice(1, -3).split('","');
      expect(cells.filter((cell) => /^[\s"']*[=+\-@|\uff1d]/.test(cell) && !cell.startsWith("'"))).toEqual(
        [],
      );
      expect(cells[8]).toBe(`'${claimedName.replaceAll('"', '""')}`);
    },
  );
});
