import type { RouterEvent, RouterFact } from '../../src/shared/model/events';
import { SAMPLE_NOW } from './fake-desktop-router';

const STEP_MS = 7000;

/** A morning of a router: every kind of event once at least, oldest first. */
const facts: readonly RouterFact[] = [
  { kind: 'engine-started' },
  {
    kind: 'config-applied',
    source: '/home/ada/.config/claude-cli/mcp-router.yaml',
    changed: ['gateway.url'],
    waiting: [],
  },
  { kind: 'credential-stored', name: 'gateway-token' },
  { kind: 'switched', isOn: true },
  { kind: 'connection-changed', lane: 'keeper', from: 'idle', to: 'connecting' },
  { kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: 'HTTP 401' },
  { kind: 'connection-changed', lane: 'keeper', from: 'connecting', to: 'failed' },
  { kind: 'credential-deleted', name: 'gateway-token' },
  {
    kind: 'credential-used',
    lane: 'keeper',
    credential: { source: 'environment', name: 'MCP_AUTH_TOKEN' },
  },
  { kind: 'connection-changed', lane: 'keeper', from: 'connecting', to: 'connected' },
  { kind: 'session-opened', session: 's1', door: 'stdio' },
  { kind: 'session-named', session: 's1', clientName: 'Claude Code' },
  {
    kind: 'request-settled',
    session: 's1',
    outcome: 'result',
    durationMs: 12,
    requestBytes: 90,
    replyBytes: 900,
  },
  {
    kind: 'request-settled',
    session: 's1',
    outcome: 'error',
    durationMs: 40,
    requestBytes: 90,
    replyBytes: 100,
  },
  {
    kind: 'request-settled',
    session: 's1',
    outcome: 'result',
    durationMs: 8,
    requestBytes: 90,
    replyBytes: 900,
  },
  { kind: 'rate-limited', session: 's1', limit: 'local.rate_limit', retryAfterMs: 20 },
  {
    kind: 'policy-denied',
    session: 's1',
    rule: 'local.policy.deny_tools',
    detail: 'local.policy.deny_tools: "delete_*"',
  },
  {
    kind: 'request-refused',
    session: 's1',
    code: 'message-too-large',
    detail: '2097152 bytes, limit 1048576',
  },
  { kind: 'request-cancelled', session: 's1' },
  { kind: 'session-refused', door: 'socket', code: 'session-limit', detail: 'limit 64' },
  { kind: 'audit-changed', isWritable: false, detail: 'the disk is full' },
  { kind: 'audit-changed', isWritable: true, detail: 'not writable since 2026-11-20T09:00:00.000Z' },
  { kind: 'message-dropped', session: 's1', direction: 'from-gateway', reason: 'unknown id', bytes: 64 },
  { kind: 'connection-failed', lane: 'keeper', code: 'gateway-unreachable', detail: 'ECONNRESET' },
  { kind: 'failed-over', lane: 'keeper', from: 'gateway.example.com:8443', to: 'spare.example.com:8443' },
  { kind: 'connection-changed', lane: 'keeper', from: 'connected', to: 'waiting' },
  {
    kind: 'certificate-rejected',
    lane: 'keeper',
    code: 'certificate-rejected',
    detail: 'SELF_SIGNED_CERT_IN_CHAIN',
  },
  {
    kind: 'certificate-expiring',
    whose: 'client',
    subject: 'ada',
    validTo: '2026-12-01T00:00:00.000Z',
    daysLeft: 7,
  },
  { kind: 'config-rejected', source: 'mcp-router.yaml', detail: 'Line 7, gateway.tls.verfy: unknown key' },
  { kind: 'connection-changed', lane: 's1', from: 'waiting', to: 'connected' },
  { kind: 'handshake-replayed', session: 's1', durationMs: 9 },
  { kind: 'session-closed', session: 's1', requests: 3, durationMs: 60_000 },
  { kind: 'switched', isOn: false },
  { kind: 'connection-changed', lane: 'keeper', from: 'connected', to: 'closing' },
  { kind: 'engine-stopped' },
];

/** The facts with their places in time. */
export const sampleEvents: readonly RouterEvent[] = facts.map((fact, index) => ({
  ...fact,
  sequence: index + 1,
  at: SAMPLE_NOW + index * STEP_MS,
}));
