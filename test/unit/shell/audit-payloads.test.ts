import { describe, expect, it } from 'vitest';
import { checkPayload } from '../../../src/main/ipc/payloads';
import type { CallChannel } from '../../../src/shared/ipc/contract';
import { noAuditFilter } from '../../../src/shared/model/audit-filter';

const judge = (channel: CallChannel, ...input: readonly unknown[]): string =>
  checkPayload(channel, input).kind;
const anything = [undefined, null, 'x', 1, [], {}];

describe('what the page may ask of the audit log', () => {
  it('is a filter with bounded texts and known words', () => {
    expect(judge('audit.look', noAuditFilter)).toBe('accepted');
    expect(judge('audit.look', { ...noAuditFilter, text: 'x'.repeat(200), from: 1, until: null })).toBe(
      'accepted',
    );
    const bad = [
      { text: 'x'.repeat(201) },
      { topic: 'everything' },
      { outcome: 'lost' },
      { from: 'yesterday' },
      { until: 1e300 },
      { actions: Array.from({ length: 101 }, () => 'request') },
      { path: '/etc/passwd' },
    ];
    for (const input of [...anything, ...bad.map((change) => ({ ...noAuditFilter, ...change }))])
      expect(judge('audit.look', input)).toBe('rejected');
  });

  it('is no more than 200 records at once', () => {
    expect(judge('audit.page', { view: 1, from: 0, count: 200 })).toBe('accepted');
    expect(judge('audit.grown', { view: 1 })).toBe('accepted');
    const bad = [{ count: 201 }, { count: 0 }, { from: -1 }, { from: 0.5 }, { view: 0 }, { file: 'x' }];
    for (const input of [...anything, ...bad.map((change) => ({ view: 1, from: 0, count: 1, ...change }))])
      expect(judge('audit.page', input)).toBe('rejected');
    for (const input of anything) expect(judge('audit.grown', input)).toBe('rejected');
  });

  it('SEC-103 is an export without a path', () => {
    const request = { format: 'csv', filter: noAuditFilter };
    expect(judge('audit.export', request)).toBe('accepted');
    for (const input of [...anything, { ...request, path: '/tmp/x' }, { ...request, format: 'xml' }])
      expect(judge('audit.export', input)).toBe('rejected');
    expect(judge('audit.cancel', { job: 'export' })).toBe('accepted');
    for (const input of [...anything, { job: 'all' }]) expect(judge('audit.cancel', input)).toBe('rejected');
  });
});
