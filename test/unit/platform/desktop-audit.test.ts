import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { desktopAudit } from '../../../src/main/compose/desktop-audit';
import type { AuditFact } from '../../../src/main/engine/observe/audit-record';
import { createMachine } from '../../../src/main/platform/machine';
import type {
  AuditChainVerdict,
  AuditJobProgress,
  AuditRow,
  AuditView,
} from '../../../src/shared/ipc/audit-calls';
import { noAuditFilter, type AuditFilter } from '../../../src/shared/model/audit-filter';
import { AUDIT_KEY } from '../../support/audit-bench';
import { openWriter, writeFacts, writeLog, writtenFact, WRITTEN_AT } from '../../support/audit-writer';
import { TemporaryHome } from '../../support/router-process';

let home: TemporaryHome;
let output: string;
let configPath: string;
let chosen: string | null;
let questions: string[];
let progress: AuditJobProgress[];
let now: number;
beforeEach(() => {
  home = new TemporaryHome();
  mkdirSync(join(home.path, 'audit'), { mode: 0o700 });
  output = join(home.path, 'audit', 'audit.log');
  configPath = home.write(
    'router.yaml',
    `# mine\ngateway: { url: "ws://127.0.0.1:1", auth: { type: none } }\nlogging:\n  audit:\n    enabled: false # for now\n    output: ${JSON.stringify(output)}\n`,
  );
  chosen = join(home.path, 'export');
  questions = [];
  progress = [];
  now = WRITTEN_AT;
});
afterEach(() => {
  home.remove();
});

type Page = ReturnType<typeof desktopAudit>;

function page(variables: Readonly<Record<string, string>> = {}): Page {
  const env = { MCP_ROUTER_CONFIG: configPath, ...variables };
  const facts = {
    platform: process.platform,
    env,
    home: home.path,
    cwd: home.path,
    uid: process.getuid?.() ?? null,
  };
  return desktopAudit({
    machine: createMachine(facts),
    facts,
    announce: (told) => progress.push(told),
    chooseSavePath: (question) => {
      questions.push(question.name);
      return Promise.resolve(chosen);
    },
    // Each look at the clock is a second later, so that every step of progress is told.
    now: () => (now += 1000),
  });
}

const filter = (change: Partial<AuditFilter>): AuditFilter => ({ ...noAuditFilter, ...change });

async function looked(of: Page, change: Partial<AuditFilter> = {}): Promise<AuditView> {
  const look = await of['audit.look'](filter(change));
  if (look.kind !== 'ready') throw new Error(JSON.stringify(look));
  return look;
}

async function rowsOf(of: Page, { view }: AuditView, from = 0): Promise<readonly AuditRow[]> {
  const found = await of['audit.page']({ view, from, count: 200 });
  if (found.kind !== 'rows') throw new Error(found.kind);
  return found.rows;
}

const FROM = WRITTEN_AT + 100_000;
const UNTIL = WRITTEN_AT + 200_000;
const isBetween = (time: string): boolean => Date.parse(time) >= FROM && Date.parse(time) < UNTIL;

const idOf = (row: AuditRow | undefined): unknown =>
  row?.kind === 'record' ? row.record.facts['id'] : row?.kind;

/** Changes one letter of the line that holds the text. */
function tamper(text: string): void {
  const before = readFileSync(output, 'latin1');
  const at = before.indexOf(text);
  writeFileSync(
    output,
    `${before.slice(0, at)}${text.replace('t', 'T')}${before.slice(at + text.length)}`,
    'latin1',
  );
}

describe('looking at the audit log in the window', () => {
  it('reads it page by page, and counts from the oldest', async () => {
    await writeLog({ output, count: 700 });
    const audit = page();
    const view = await looked(audit);
    expect(view).toMatchObject({
      total: 701,
      matching: 701,
      isEnabled: false,
      hasOlder: false,
      path: output,
    });
    const rows = await rowsOf(audit, view, 600);
    expect(rows).toHaveLength(101);
    expect(idOf(rows[5])).toBe('req-605');
  });

  it.each<[Partial<AuditFilter>, (fact: AuditFact) => boolean]>([
    [{ text: 'SEARCH_3' }, ({ facts }) => facts['tool'] === 'search_3'],
    [{ text: 'http 401' }, ({ action }) => action === 'auth'],
    [{ text: 'in words', actions: ['session-opened'] }, ({ action }) => action === 'session-opened'],
    [{ topic: 'credentials' }, ({ action }) => action === 'auth'],
    [{ outcome: 'problem' }, ({ outcome }) => outcome === 'failed'],
    [{ outcome: 'refused' }, () => false],
    [{ client: 'cursor' }, ({ actor }) => actor['claimedName'] === 'Cursor'],
    [
      { client: 's3', topic: 'requests' },
      ({ actor, action }) => actor['session'] === 's3' && action === 'request',
    ],
    [{ method: 'search_10' }, ({ facts }) => facts['tool'] === 'search_10'],
    [{ requestId: 'req-333' }, ({ facts }) => facts['id'] === 'req-333'],
    [{ from: FROM, until: UNTIL }, ({ time }) => isBetween(time)],
    [
      { from: FROM, until: UNTIL, client: 'cursor' },
      ({ time, actor }) => isBetween(time) && actor['claimedName'] === 'Cursor',
    ],
  ])('finds what is asked for: %j', async (change, isWanted) => {
    await writeLog({ output, count: 700 });
    const audit = page();
    const view = await looked(audit, change);
    const facts = Array.from({ length: 700 }, (_, at) => writtenFact(at, WRITTEN_AT + at * 1000));
    expect(view).toMatchObject({ total: 701, matching: facts.filter(isWanted).length });
    expect(await rowsOf(audit, view)).toHaveLength(Math.min(200, view.matching));
  });

  it('adds what comes, where the filter lets it through', async () => {
    const chain = await openWriter({ output, count: 0 });
    await writeFacts(
      chain,
      [1, 2, 3].map((at) => writtenFact(at, WRITTEN_AT)),
    );
    const audit = page();
    const { view } = await looked(audit, { client: 'cursor' });
    await writeFacts(
      chain,
      [4, 5, 6, 7].map((at) => writtenFact(at, WRITTEN_AT)),
    );
    expect(await audit['audit.grown']({ view })).toEqual({ kind: 'grown', total: 7, matching: 4 });
    await chain.close();
  });

  it('answers for the newest look only', async () => {
    await writeLog({ output, count: 5 });
    const audit = page();
    const first = await looked(audit);
    await looked(audit, { text: 'x' });
    expect(await audit['audit.page']({ view: first.view, from: 0, count: 10 })).toEqual({
      kind: 'renumbered',
    });
    expect(await audit['audit.grown']({ view: first.view })).toEqual({ kind: 'renumbered' });
  });

  it('ends a search that is cancelled, and tells how far others got', async () => {
    await writeLog({ output, count: 2000 });
    const audit = page();
    const searching = audit['audit.look'](filter({ text: 'nothing like it' }));
    await audit['audit.cancel']({ job: 'look' });
    expect(await searching).toEqual({ kind: 'ended' });
    await looked(audit, { text: 'nothing like it' });
    expect(progress.at(-1)).toMatchObject({ job: 'look', records: 1536 });
    expect(progress.at(-1)?.leftMs).toBeGreaterThan(0);
    expect(progress.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
  });

  it('SEC-104 shows no line as a record that is not as it was written', async () => {
    await writeLog({ output, count: 10 });
    tamper('tools/call');
    const audit = page();
    const rows = await rowsOf(audit, await looked(audit));
    expect(rows[1]).toEqual({ kind: 'changed', file: 'audit.log' });
    expect(idOf(rows[2])).toBe('req-2');
  });

  it('says why there is nothing to look at', async () => {
    chmodSync(configPath, 0o600);
    writeFileSync(configPath, 'gateway: [');
    expect(await page()['audit.look'](noAuditFilter)).toMatchObject({ kind: 'unreadable' });
    rmSync(configPath);
    expect(await page({ MCP_ROUTER_CONFIG: '' })['audit.look'](noAuditFilter)).toMatchObject({
      kind: 'ready',
      total: 0,
    });
  });
});

async function chainOf(of: Page): Promise<AuditChainVerdict> {
  const verdict = await of['audit.verify']();
  const chain = verdict.kind === 'checked' ? verdict.chains[0] : undefined;
  if (chain === undefined) throw new Error(verdict.kind);
  return chain;
}

describe('checking the audit log in the window', () => {
  it('SEC-104 names the place of a changed record', async () => {
    await writeLog({ output, count: 10 });
    tamper('tools/call');
    const verdict = await page()['audit.verify']();
    expect(verdict).toMatchObject({
      kind: 'checked',
      chains: [{ records: 1, problem: { kind: 'changed', record: 2 }, badLine: { file: output, line: 2 } }],
    });
  });

  it('SEC-104 finds an end that was cut off, and a file that is gone', async () => {
    await writeLog({ output, count: 300, maxFileBytes: 32 * 1024, key: AUDIT_KEY });
    const lines = readFileSync(output, 'utf8').split('\n');
    writeFileSync(output, `${lines.slice(0, -3).join('\n')}\n`);
    const cut = await chainOf(page());
    expect(cut).toMatchObject({ problem: { kind: 'missing', record: cut.to + 1 }, badLine: null });
    rmSync(`${output}.1`);
    const headless = await chainOf(page());
    expect(headless).toMatchObject({ problem: { kind: 'missing', record: 1 }, badLine: null });
    expect(headless.from).toBeGreaterThan(1);
    rmSync(`${output}.3`);
    expect((await chainOf(page())).badLine).toEqual({ file: `${output}.4`, line: 1 });
  });

  it('can be cancelled', async () => {
    await writeLog({ output, count: 3000 });
    const audit = page();
    const checking = audit['audit.verify']();
    const ticks = setInterval(() => void audit['audit.cancel']({ job: 'verify' }), 1);
    expect(await checking).toEqual({ kind: 'cancelled' });
    clearInterval(ticks);
  });
});

describe('exporting from the window', () => {
  const exported = (): string => readFileSync(chosen ?? '', 'utf8');

  it('SEC-103 writes what is shown to the file that the person chose, for this user alone', async () => {
    await writeLog({ output, count: 30 });
    writeFileSync(chosen ?? '', 'what was there', { mode: 0o644 });
    const result = await page()['audit.export']({ format: 'csv', filter: filter({ client: 'cursor' }) });
    expect(result).toEqual({ kind: 'written', path: chosen, records: 15, leftOut: 0 });
    expect(questions).toEqual(['mcp-router-audit-2026-03-02.csv']);
    expect(exported().split('\r\n')).toHaveLength(17);
    expect(statSync(chosen ?? '').mode & 0o777).toBe(0o600);
    expect(readdirSync(home.path).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('writes lines as they are, and counts those that are not as they were written', async () => {
    await writeLog({ output, count: 30 });
    tamper('tools/call');
    const result = await page()['audit.export']({ format: 'jsonl', filter: noAuditFilter });
    expect(result).toMatchObject({ kind: 'written', records: 30, leftOut: 1 });
    expect(readFileSync(output, 'utf8')).toContain(exported().split('\n')[5]);
  });

  it('leaves nothing behind when the person changes their mind, or it cannot be written', async () => {
    await writeLog({ output, count: 3000 });
    chosen = null;
    const audit = page();
    const request = { format: 'jsonl', filter: noAuditFilter } as const;
    expect(await audit['audit.export'](request)).toEqual({ kind: 'cancelled' });
    chosen = join(home.path, 'no-folder', 'x');
    expect(await audit['audit.export'](request)).toMatchObject({ kind: 'failed' });
    chosen = join(home.path, 'cancelled');
    const exporting = audit['audit.export'](request);
    const ticks = setInterval(() => void audit['audit.cancel']({ job: 'export' }), 1);
    expect(await exporting).toEqual({ kind: 'cancelled' });
    expect(existsSync(chosen)).toBe(false);
    clearInterval(ticks);
    expect(readdirSync(home.path).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('switching the audit log on in the window', () => {
  it('changes one value in the file, and nothing else', async () => {
    const before = readFileSync(configPath, 'utf8');
    expect(await page()['audit.enable']()).toEqual({ ok: true });
    expect(readFileSync(configPath, 'utf8')).toBe(before.replace('enabled: false', 'enabled: true'));
    expect((await looked(page())).isEnabled).toBe(true);
  });

  it('says that a variable has the last word', async () => {
    const result = await page({ MCP_LOGGING_AUDIT_ENABLED: 'false' })['audit.enable']();
    expect(result).toMatchObject({ ok: false, code: 'config-invalid' });
  });

  it('writes nothing where there is no configuration', async () => {
    rmSync(configPath);
    expect(await page({ MCP_ROUTER_CONFIG: '' })['audit.enable']()).toMatchObject({ ok: false });
    expect(existsSync(configPath)).toBe(false);
  });
});
