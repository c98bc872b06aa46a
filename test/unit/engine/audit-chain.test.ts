import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anchorKey, isSealedBy, readHead, sealedHead } from '../../../src/main/engine/observe/audit-anchor';
import { AuditFacts } from '../../../src/main/engine/observe/audit-facts';
import {
  canonical,
  chained,
  cleaned,
  NO_HASH,
  readRecord,
  type AuditFact,
  type AuditRecord,
} from '../../../src/main/engine/observe/audit-record';
import type { RouterFact } from '../../../src/shared/model/events';
import { enginePorts } from '../../support/engine-client';

const fact = (action: string): AuditFact => ({
  time: '2026-01-02T03:04:05.006Z',
  action,
  outcome: 'ok',
  code: null,
  actor: { kind: 'client', session: 's1', claimedName: 'Zoë' },
  facts: { detail: 'a "quoted" text' },
});

function chainOf(length: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (let at = 0; at < length; at += 1) {
    const { chain, seq, hash } = records.at(-1) ?? { chain: 'c1', seq: 0, hash: NO_HASH };
    const record = readRecord(chained(fact(`action-${String(at)}`), { chain, seq, hash }).line);
    if (record !== null) records.push(record);
  }
  return records;
}

describe('records of the audit trail', () => {
  it('carry the hash of the record before, and can be read back', () => {
    const records = chainOf(3);
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(records.map(({ prev }) => prev)).toEqual([NO_HASH, records[0]?.hash, records[1]?.hash]);
    expect(records.map((record) => readRecord(canonical(record)))).toEqual(records);
  });

  it('show every change of a single byte', () => {
    const line = Buffer.from(chained(fact('x'), { chain: 'c1', seq: 0, hash: NO_HASH }).line);
    for (let at = 0; at < line.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const changed = Buffer.from(line);
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(readRecord(changed.toString('latin1')), `byte ${String(at)} bit ${String(bit)}`).toBeNull();
      }
    }
  });

  it('have one spelling, in ASCII, whatever the order of their members', () => {
    expect(canonical({ b: 1, a: { d: null, c: 'ü\u2028' } })).toBe(
      '{"a":{"c":"\\u00fc\\u2028","d":null},"b":1}',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (values) => {
        const turned = Object.fromEntries(Object.entries(values).reverse());
        const text = canonical(values);
        expect(canonical(turned)).toBe(text);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(text)).toEqual({ ...values });
      }),
    );
  });

  it('hold bounded texts on one line, without what the mask knows', () => {
    const mask = (text: string): string => text.replaceAll('s3cret', '[masked]');
    expect(cleaned({ a: 's3cret\n\u001b[0m', b: 1.6, c: Number.NaN, d: true }, mask)).toEqual({
      a: '[masked]  [0m',
      b: 2,
      c: null,
      d: true,
    });
    expect(cleaned({ a: 'x'.repeat(10_000) }, mask)).toEqual({ a: `${'x'.repeat(500)}...` });
  });
});

describe('the head of the audit trail', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const text = sealedHead({ chain: 'c1', seq: 9, hash: NO_HASH }, '2026-01-02T03:04:05.006Z', key);

  it('is sealed with the key, and any changed byte shows', () => {
    const head = readHead(text);
    expect(head !== null && isSealedBy(head, key)).toBe(true);
    expect(head !== null && isSealedBy(head, Buffer.alloc(32, 8).toString('base64'))).toBe(false);
    for (let at = 0; at < text.length; at += 1) {
      const changed = `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
      const other = readHead(changed);
      expect(other !== null && isSealedBy(other, key), `byte ${String(at)}`).toBe(false);
    }
  });

  it('has no key but that of the keychain', async () => {
    const reason = 'no keychain answers';
    const unavailable = { kind: 'unavailable', reason } as const;
    const ports = enginePorts({ secrets: { 'audit-anchor-key': unavailable } });
    expect(await anchorKey(ports)).toEqual({ kind: 'none', reason });
    // A keychain that takes the key and does not keep it.
    expect(await anchorKey(enginePorts())).toMatchObject({ kind: 'none' });
    const { memory } = ports;
    const made = await anchorKey({ ...ports, secrets: memory });
    expect(made.kind).toBe('found');
    expect(await anchorKey({ ...ports, secrets: memory })).toEqual(made);
  });
});

describe('what the audit trail records', () => {
  const told = (
    facts: readonly RouterFact[],
    choice = { auth: true, requests: false },
  ): readonly unknown[] => {
    const audit = new AuditFacts();
    return facts.map((each, at) => audit.factOf({ ...each, sequence: at + 1, at: 0 }, choice));
  };
  const audited = { id: '7', method: 'tools/call', tool: 'read', bytes: 90, durationMs: 5 };
  const request: RouterFact = {
    kind: 'request-settled',
    session: 's1',
    method: 'tools/call',
    tool: 1,
    outcome: 'result',
    durationMs: 5,
    requestBytes: 90,
    replyBytes: 100,
    audited,
  };
  const auth: readonly RouterFact[] = [
    { kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: 'HTTP 401' },
    { kind: 'credential-used', lane: 's1', credential: { source: 'keychain', name: 'gateway' } },
  ];

  it('names the credential and the client that claims a name', () => {
    const named: RouterFact = { kind: 'session-named', session: 's1', clientName: 'Claude' };
    const actor = { kind: 'client', session: 's1', claimedName: 'Claude' };
    expect(told([named, ...auth])).toMatchObject([
      { action: 'session-named', actor },
      { action: 'auth', outcome: 'failed', code: 'auth-failed', actor: { kind: 'router' } },
      { action: 'credential-used', actor, facts: { source: 'keychain', credential: 'gateway' } },
    ]);
  });

  it('leaves auth and requests out unless they are asked for', () => {
    expect(told([...auth, request], { auth: false, requests: false })).toEqual([null, null, null]);
    expect(told([request], { auth: false, requests: true })).toMatchObject([
      { action: 'request', outcome: 'ok', facts: { ...audited, replyBytes: 100 } },
    ]);
  });
});
