import type { HandlersOf } from '../../src/shared/ipc/call';
import type { clientAppCalls } from '../../src/shared/ipc/client-app-calls';
import type {
  ClientAction,
  ClientId,
  ClientPreview,
  ClientRow,
  ClientState,
} from '../../src/shared/model/client-apps';
import type { TrafficReport, TrafficStep } from '../../src/shared/model/traffic';

const row = (
  id: ClientId,
  title: string,
  state: ClientState,
  more: Partial<Pick<ClientRow, 'actions' | 'remarks' | 'path'>> = {},
): ClientRow => ({
  id,
  title,
  state,
  name: 'gateway',
  path: `/home/ada/.config/${id}/mcp.json`,
  remarks: [],
  actions: [],
  ...more,
});

/** A client in each state that there is. */
export const sampleRows: readonly ClientRow[] = [
  row('claude-desktop', 'Claude Desktop', { kind: 'not-connected' }, { actions: ['connect'] }),
  row(
    'claude-code',
    'Claude Code',
    { kind: 'connected', by: 'us' },
    { actions: ['undo', 'disconnect'], remarks: ['switched off in the client'] },
  ),
  row(
    'cursor',
    'Cursor',
    { kind: 'drifted', change: 'entry-removed' },
    { actions: ['repair', 'disconnect'] },
  ),
  row('vscode', 'VS Code', {
    kind: 'unusable',
    problem: 'it is left alone, because it cannot be understood (line 4, column 3: a comma is missing)',
  }),
  row('vscode-insiders', 'VS Code Insiders', { kind: 'not-found' }),
  row('windsurf', 'Windsurf', { kind: 'name-taken' }, { actions: ['connect'] }),
  row('zed', 'Zed', { kind: 'connected', by: 'by-hand' }, { actions: ['disconnect'] }),
  row('codex', 'Codex CLI', { kind: 'not-found' }),
  row('gemini', 'Gemini CLI', { kind: 'not-found' }),
];

/** What connecting would change. */
export const samplePreview = (action: ClientAction, obstacle: string | null = null): ClientPreview => ({
  id: 'claude-desktop',
  title: 'Claude Desktop',
  action,
  path: '/home/ada/.config/Claude/claude_desktop_config.json',
  summary:
    'Add the server "gateway" to /home/ada/.config/Claude/claude_desktop_config.json; it starts: /usr/bin/node /opt/mcp-router/out/cli/mcp-router.js',
  diff: [
    '-   "mcpServers": {}',
    '+   "mcpServers": {',
    '+     "gateway": {',
    '+       "command": "/usr/bin/node",',
    '+       "args": ["/opt/mcp-router/out/cli/mcp-router.js"]',
    '+     }',
    '+   }',
  ],
  warnings: [],
  obstacle,
});

export const SAMPLE_TICKET = '7f1c7c4e-5d0e-4c55-9d6f-0f0c4f6b8f10';

/** A machine with clients where every change succeeds. */
export const sampleClientApps: HandlersOf<typeof clientAppCalls> = {
  'client-apps.list': () => Promise.resolve(sampleRows),
  'client-apps.preview': ({ action }) =>
    Promise.resolve({ kind: 'planned', ticket: SAMPLE_TICKET, preview: samplePreview(action) }),
  'client-apps.apply': () =>
    Promise.resolve({
      kind: 'done',
      message: 'Claude Desktop is connected. Start Claude Desktop: it reads the file when it starts.',
      remarks: [],
    }),
  'client-tokens.list': () => Promise.resolve({ kind: 'off' }),
  'client-tokens.add': ({ name }) => Promise.resolve({ kind: 'added', name, value: 'sample-token' }),
  'client-tokens.revoke': () => Promise.resolve({ ok: true }),
};

const noRequests: TrafficStep = { requests: 0, failures: 0, p50Ms: null, p95Ms: null };

/** Nobody asked anything yet. */
export const sampleTraffic: TrafficReport = {
  startedAt: null,
  stepMs: 2000,
  steps: Array.from({ length: 150 }, () => noRequests),
  total: noRequests,
};

/** A busy router, as of `now`. */
export function sampleBusyTraffic(now: number): TrafficReport {
  const steps = Array.from({ length: 150 }, (_, index): TrafficStep => {
    const wave = Math.max(0, Math.round(9 + 8 * Math.sin(index / 9) + 4 * Math.sin(index / 2.3)));
    if (index < 20 || wave === 0) return noRequests;
    return {
      requests: wave,
      failures: 0,
      p50Ms: 12 + 4 * Math.sin(index / 11),
      p95Ms: 34 + 12 * Math.sin(index / 5),
    };
  });
  const requests = steps.reduce((sum, step) => sum + step.requests, 0);
  return {
    startedAt: now - 11_520_000,
    stepMs: 2000,
    steps,
    total: { requests, failures: 3, p50Ms: 12.3, p95Ms: 41.2 },
  };
}
