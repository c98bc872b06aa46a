import { describe, expect, it } from 'vitest';

import { ANCHOR_KEY_NAME, readHead } from '../../../src/main/engine/observe/audit-anchor';
import { readRecord } from '../../../src/main/engine/observe/audit-record';
import { AuditTrail } from '../../../src/main/engine/observe/audit-trail';
import type { RouterEvent, RouterFact } from '../../../src/shared/model/events';
import { AUDIT_KEY, auditLines, checkedLines, headOf, MemoryAuditSink } from '../../support/audit-bench';
import { enginePorts, testConfig } from '../../support/engine-client';
import { ManualClock } from '../../support/manual-clock';

const keychain = { [ANCHOR_KEY_NAME]: { kind: 'found', value: AUDIT_KEY } } as const;

/** A trail on a disk in memory. */
class Bench {
  readonly sink = new MemoryAuditSink();
  readonly clock = new ManualClock();
  readonly published: RouterFact[] = [];
  readonly trail: AuditTrail;
  config = this.withAudit({});

  constructor(secrets: Parameters<typeof enginePorts>[0] = { secrets: keychain }) {
    const ports = { ...enginePorts(secrets), clock: this.clock, audit: this.sink };
    this.trail = new AuditTrail({
      ports,
      config: () => this.config,
      publish: (fact) => {
        this.published.push(fact);
        this.tell(fact);
      },
    });
  }

  withAudit(audit: object, advanced: object = {}): ReturnType<typeof testConfig> {
    return testConfig('ws://127.0.0.1:1/', { logging: { audit: { enabled: true, ...audit } }, advanced });
  }

  tell(fact: RouterFact): void {
    const event: RouterEvent = { ...fact, sequence: 1, at: this.clock.now() };
    this.trail.take(event);
  }

  /** Lets the trail write what it has. */
  async settle(ms = 20): Promise<void> {
    this.clock.advance(ms);
    // Steps of promises only: nothing here waits for a machine.
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
  }

  get actions(): readonly unknown[] {
    return this.sink.lines.map((line) => {
      const record = readRecord(line);
      return record?.action === 'audit-gap' ? `gap: ${String(record.facts['reason'])}` : record?.action;
    });
  }
}

const stored = (name: string): RouterFact => ({ kind: 'credential-stored', name });

describe('SEC-86 the audit log while it is written', () => {
  it('holds what happened before it could be opened, is durable before its head says so, and ends in order', async () => {
    const bench = new Bench();
    bench.tell(stored('early'));
    await bench.trail.apply();
    await bench.settle();
    bench.tell(stored('late'));
    await bench.trail.close();
    expect(bench.actions).toEqual([
      'credential-stored',
      'audit-sealing',
      'credential-stored',
      'audit-closed',
    ]);
    const { steps } = bench.sink;
    expect(steps.slice(steps.lastIndexOf('head') - 1)).toEqual(['sync', 'head', 'close']);
    expect(readHead(bench.sink.head ?? '')?.seq).toBe(4);
    expect(checkedLines(bench.sink.lines, bench.sink.head)).toMatchObject({
      problem: null,
      sealedTo: 4,
      remarks: [],
    });
  });

  it('seals again after a while, without being told to', async () => {
    const bench = new Bench();
    await bench.trail.apply();
    await bench.settle();
    bench.tell(stored('one'));
    await bench.settle();
    const before = readHead(bench.sink.head ?? '')?.seq;
    await bench.settle(5000);
    expect(readHead(bench.sink.head ?? '')?.seq).toBe(bench.sink.lines.length);
    expect(before).toBeLessThan(bench.sink.lines.length);
  });

  it('goes on without a keychain, and says so', async () => {
    const bench = new Bench({
      secrets: { [ANCHOR_KEY_NAME]: { kind: 'unavailable', reason: 'no keychain answers' } },
    });
    bench.tell(stored('one'));
    await bench.trail.apply();
    await bench.settle();
    await bench.trail.close();
    expect(bench.actions).toEqual(['credential-stored', 'audit-sealing', 'audit-closed']);
    expect(bench.sink.head).toBeNull();
    expect(checkedLines(bench.sink.lines, null)).toMatchObject({
      sealedTo: null,
      whyUnsealed: 'no keychain answers',
    });
  });

  it('masks secrets in what it records', async () => {
    const bench = new Bench();
    bench.tell(stored('a s3cret name'));
    await bench.trail.apply();
    await bench.trail.close();
    expect(bench.sink.lines.join()).not.toContain('s3cret');
    expect(bench.sink.lines.join()).toContain('a [masked] name');
  });

  it.each([
    [
      'a chain that was not closed',
      'not-closed',
      (sink: MemoryAuditSink): void => void (sink.files = [auditLines(5).lines]),
    ],
    [
      'a torn last line',
      'torn',
      (sink: MemoryAuditSink): void => {
        sink.files = [auditLines(5).lines];
        sink.tornBytes = 9;
      },
    ],
    [
      'records that are gone though they were sealed',
      'cut',
      (sink: MemoryAuditSink): void => {
        const { lines, position } = auditLines(5);
        sink.files = [lines.slice(0, 3)];
        sink.head = headOf(position);
      },
    ],
    [
      'an end that cannot be read',
      'damaged',
      (sink: MemoryAuditSink): void => void (sink.files = [[...auditLines(5).lines, 'x']]),
    ],
    [
      'a head that was changed',
      'head-changed',
      (sink: MemoryAuditSink): void => {
        sink.files = [auditLines(5).lines];
        sink.head = 'something else';
      },
    ],
  ] as const)('continues %s with a record that says so', async (_what, reason, prepare) => {
    const bench = new Bench();
    prepare(bench.sink);
    await bench.trail.apply();
    await bench.trail.close();
    expect(bench.actions).toContain(`gap: ${reason}`);
    const last = readRecord(bench.sink.lines.at(-1) ?? '');
    expect(last?.chain).toBe('c1');
    const isBad = reason === 'cut' || reason === 'damaged' || reason === 'head-changed';
    expect(checkedLines(bench.sink.lines, bench.sink.head).problem === null).toBe(!isBad);
  });

  it('begins new files when one is full, and records which old ones were removed', async () => {
    const bench = new Bench();
    bench.config = bench.withAudit({ max_file_bytes: 1024, max_files: 2 });
    await bench.trail.apply();
    for (let at = 0; at < 12; at += 1) {
      bench.tell(stored(`entry-${String(at)}`));
      await bench.settle();
    }
    await bench.trail.close();
    expect(bench.sink.files.length).toBeLessThanOrEqual(4);
    expect(bench.actions).toContain('audit-files-removed');
    expect(checkedLines(bench.sink.lines, bench.sink.head)).toMatchObject({ problem: null });
  });
});

describe('SEC-87 an audit log that cannot be written', () => {
  it('is told at once, keeps what comes, and goes on by itself', async () => {
    const bench = new Bench();
    await bench.trail.apply();
    await bench.settle();
    bench.sink.problem = 'the disk is full';
    bench.tell(stored('while full'));
    await bench.settle();
    expect(bench.published).toEqual([
      { kind: 'audit-changed', isWritable: false, detail: 'the disk is full' },
    ]);
    expect(bench.trail.degradations()).toMatchObject([{ code: 'audit-not-writable' }]);
    expect(bench.trail.refusal).toBeUndefined();
    await bench.settle(1000);
    expect(bench.published).toHaveLength(1);
    bench.sink.problem = null;
    await bench.settle(1000);
    await bench.settle();
    expect(bench.published).toMatchObject([{ isWritable: false }, { isWritable: true }]);
    expect(bench.trail.degradations()).toEqual([]);
    await bench.trail.close();
    expect(bench.actions).toContain('audit-writable-again');
    expect(bench.sink.lines.join()).toContain('while full');
    expect(checkedLines(bench.sink.lines, bench.sink.head)).toMatchObject({ problem: null });
  });

  it('counts what its buffer cannot hold', async () => {
    const bench = new Bench();
    bench.sink.problem = 'the disk is full';
    await bench.trail.apply();
    for (let at = 0; at < 20_100; at += 1) bench.tell(stored(String(at)));
    bench.sink.problem = null;
    await bench.settle(1000);
    for (let turn = 0; turn < 20; turn += 1) await bench.settle();
    await bench.trail.close();
    const dropped = bench.sink.lines.map(readRecord).find((record) => record?.facts['reason'] === 'dropped');
    expect(dropped?.facts['count']).toBeGreaterThanOrEqual(100);
  });

  it('stops requests under audit_all, from the start on and until it works again', async () => {
    const bench = new Bench();
    bench.config = bench.withAudit({ enabled: false }, { compliance: { audit_all: true } });
    expect(bench.trail.refusal).toMatchObject({ code: 'audit-unavailable' });
    expect(bench.trail.wantsRequests).toBe(true);
    await bench.trail.apply();
    expect(bench.trail.refusal).toBeUndefined();
    bench.sink.problem = 'the disk is full';
    bench.tell(stored('x'));
    await bench.settle();
    expect(bench.trail.refusal).toMatchObject({ code: 'audit-unavailable', detail: 'the disk is full' });
    bench.sink.problem = null;
    await bench.settle(1000);
    expect(bench.trail.refusal).toBeUndefined();
  });

  it('follows the configuration: off, on, and what is wanted', async () => {
    const bench = new Bench();
    bench.config = bench.withAudit({ enabled: false });
    await bench.trail.apply();
    bench.tell(stored('unseen'));
    await bench.settle();
    bench.config = bench.withAudit({ include_auth: false });
    await bench.trail.apply();
    bench.tell({ kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: 'HTTP 401' });
    bench.config = bench.withAudit({});
    bench.tell({ kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: 'HTTP 403' });
    await bench.trail.close();
    const text = bench.sink.lines.join();
    expect(text).not.toContain('unseen');
    expect(text).not.toContain('HTTP 401');
    expect(text).toContain('HTTP 403');
  });
});
