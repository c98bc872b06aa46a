import type { auditCalls, AuditChainVerdict, AuditRow, AuditView } from '../../src/shared/ipc/audit-calls';
import type { HandlersOf } from '../../src/shared/ipc/call';

/** 2026-03-02 09:30 UTC. */
const FIRST_AT = 1_772_443_800_000;

const chosen = (count: number, at: number): number => (((at * 7) % count) + count) % count;

/** A record as the router writes it; each number has one of its own. */
export function sampleAuditRow(at: number): AuditRow {
  const time = new Date(FIRST_AT + at * 1000).toISOString();
  const client = { kind: 'client', session: 's1', claimedName: 'Claude Code' };
  const base = { time, chain: '5e1f0a', seq: at + 1, code: null };
  const request = {
    id: String(at),
    method: 'tools/call',
    tool: `search-${String(chosen(5, at))}`,
    bytes: 120,
  };
  switch (at % 4) {
    case 0:
      return {
        kind: 'record',
        record: { ...base, action: 'session-opened', outcome: 'ok', actor: client, facts: { door: 'stdio' } },
      };
    case 1:
      return {
        kind: 'record',
        record: {
          ...base,
          action: 'request',
          outcome: 'ok',
          actor: client,
          facts: { ...request, durationMs: 12, replyBytes: 4096 },
        },
      };
    case 2:
      return {
        kind: 'record',
        record: {
          ...base,
          action: 'auth',
          outcome: 'failed',
          code: 'auth-failed',
          actor: { kind: 'router' },
          facts: { lane: 'keeper', detail: 'HTTP 401 from the gateway' },
        },
      };
    default:
      return {
        kind: 'record',
        record: {
          ...base,
          action: 'rate-limit',
          outcome: 'refused',
          code: 'rate-limited',
          actor: client,
          facts: { limit: 'local.rate_limit' },
        },
      };
  }
}

/** What checking found where all is well. */
export const sampleVerdict: AuditChainVerdict = {
  path: '/home/ada/.local/state/mcp-router/audit/audit.log',
  records: 1200,
  from: 1,
  to: 1200,
  lastTime: '2026-03-02T09:50:00.000Z',
  sealedTo: 1190,
  sealedAt: '2026-03-02T09:49:55.000Z',
  whyUnsealed: null,
  problem: null,
  badLine: null,
  remarks: [],
};

/** A log that is on and has that many records; parts of it may be replaced. */
export function sampleAudit(
  count: number,
  view: Partial<AuditView> = {},
  change: Partial<HandlersOf<typeof auditCalls>> = {},
): HandlersOf<typeof auditCalls> {
  return {
    'audit.look': () =>
      Promise.resolve({
        kind: 'ready',
        view: 1,
        path: sampleVerdict.path,
        isEnabled: true,
        hasRequests: true,
        total: count,
        matching: count,
        hasOlder: false,
        ...view,
      }),
    'audit.page': ({ from, count: wanted }) =>
      Promise.resolve({
        kind: 'rows',
        rows: Array.from({ length: Math.max(0, Math.min(wanted, count - from)) }, (_, at) =>
          sampleAuditRow(from + at),
        ),
      }),
    'audit.grown': () => Promise.resolve({ kind: 'grown', total: count, matching: count }),
    'audit.verify': () => Promise.resolve({ kind: 'checked', at: FIRST_AT, chains: [sampleVerdict] }),
    'audit.export': () =>
      Promise.resolve({ kind: 'written', path: '/home/ada/audit.csv', records: count, leftOut: 0 }),
    'audit.cancel': () => Promise.resolve({ ok: true }),
    'audit.enable': () => Promise.resolve({ ok: true }),
    ...change,
  };
}
