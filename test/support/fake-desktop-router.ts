import type {
  AppStatus,
  CommandResult,
  ConnectionSettings,
  SaveConnection,
} from '../../src/shared/ipc/contract';
import type { RouterEvent } from '../../src/shared/model/events';
import type { PostureReport } from '../../src/shared/model/posture';
import type { RouterStatus } from '../../src/shared/model/status';
import { createAnnouncements, type Announce } from '../../src/main/compose/announcements';
import type { DesktopPages } from '../../src/main/desktop-pages';
import type { DesktopRouter } from '../../src/main/desktop-router';
import { samplePages } from './sample-pages';

/** 2026-03-02 09:30 UTC; every sample is told relative to it. */
export const SAMPLE_NOW = 1_772_443_800_000;

/** A checklist with each verdict. */
export const samplePosture: PostureReport = {
  kind: 'evaluated',
  points: [
    { id: 'tls', verdict: 'pass', evidence: 'TLS 1.3 only', fix: null, about: null },
    {
      id: 'updates',
      verdict: 'warn',
      evidence: 'nobody looked',
      fix: 'Look for a newer version.',
      about: null,
    },
    {
      id: 'audit',
      verdict: 'fail',
      evidence: 'the audit log is off',
      fix: 'Set logging.audit.enabled: true.',
      about: 'logging.audit.enabled',
    },
  ],
};

/** A router that was never set up. */
export const sampleRouter: RouterStatus = {
  revision: 1,
  shown: 'disconnected',
  isSwitchedOn: false,
  shownSince: SAMPLE_NOW,
  gatewayUrl: null,
  keeper: { name: 'idle' },
  cause: null,
  lockdown: null,
  credential: null,
  sessions: [],
  blockedClients: [],
  counters: {
    requests: 0,
    replies: 0,
    refusals: 0,
    authFailures: 0,
    rateLimitHits: 0,
    policyDenials: 0,
    connectionErrors: 0,
    reconnects: 0,
  },
  degradations: [],
  alerts: [],
  metricsAddress: null,
};

/** An application on a fresh machine. */
export const sampleStatus: AppStatus = {
  version: '0.1.0',
  isDemo: false,
  configPath: '/home/ada/.config/claude-cli/mcp-router.yaml',
  isConfigured: false,
  configProblems: [],
  keychain: { kind: 'usable' },
  router: sampleRouter,
};

/** The status with some of its router's facts replaced. */
export function withRouter(status: AppStatus, router: Partial<RouterStatus>): AppStatus {
  return { ...status, router: { ...status.router, ...router } };
}

/** A set-up application in each situation that a person can meet. */
export const sampleSituations = {
  'not set up': sampleStatus,
  disconnected: configured({}),
  connecting: configured({
    shown: 'connecting',
    isSwitchedOn: true,
    keeper: { name: 'connecting', attempt: 1, since: SAMPLE_NOW },
  }),
  connected: configured(connectedRouter()),
  'attached clients': configured({
    ...connectedRouter(),
    sessions: [
      {
        id: 's1',
        door: 'stdio',
        owner: null,
        clientName: 'Claude Code',
        openedAt: SAMPLE_NOW - 420_000,
        connection: { name: 'connected', since: SAMPLE_NOW - 419_000, tls: null },
        requests: 128,
        failures: 2,
        inFlight: 2,
        queued: 0,
        openConnections: 1,
      },
      {
        id: 's2',
        door: 'socket',
        owner: null,
        clientName: null,
        openedAt: SAMPLE_NOW - 30_000,
        connection: { name: 'connecting', attempt: 2, since: SAMPLE_NOW - 2000 },
        requests: 3,
        failures: 0,
        inFlight: 0,
        queued: 3,
        openConnections: 1,
      },
    ],
    blockedClients: ['Old helper'],
    counters: {
      requests: 1248,
      replies: 1240,
      refusals: 6,
      authFailures: 2,
      rateLimitHits: 4,
      policyDenials: 0,
      connectionErrors: 3,
      reconnects: 1,
    },
  }),
  waiting: configured({
    shown: 'connecting',
    isSwitchedOn: true,
    keeper: {
      name: 'waiting',
      attempt: 4,
      retryAt: SAMPLE_NOW + 8000,
      cause: { code: 'gateway-unreachable', detail: 'ECONNREFUSED 203.0.113.7:8443' },
    },
    cause: { code: 'gateway-unreachable', detail: 'ECONNREFUSED 203.0.113.7:8443' },
  }),
  'token refused': failed('auth-failed', 'HTTP 401 from the gateway'),
  'token missing': failed('credential-missing', ''),
  'certificate rejected': failed('certificate-rejected', 'SELF_SIGNED_CERT_IN_CHAIN'),
  'keychain locked': {
    ...failed('keychain-locked', 'The entry "gateway-token" was stored, but the keychain gives nothing.'),
    keychain: { kind: 'locked', detail: 'The entry "gateway-token" cannot be read.' },
  },
  'keychain missing': {
    ...failed('keychain-unavailable', 'org.freedesktop.secrets was not provided by any .service files'),
    keychain: {
      kind: 'unavailable',
      detail: 'org.freedesktop.secrets was not provided by any .service files',
    },
  },
  'config broken': {
    ...configured(connectedRouter()),
    configProblems: [
      {
        severity: 'error',
        path: 'gateway.tls.verfy',
        line: 7,
        message: 'Unknown key "verfy". Did you mean "verify"?',
      },
      { severity: 'warning', path: '', line: null, message: 'Others on this machine can read the file.' },
    ],
  },
  'config broken at start': {
    ...sampleStatus,
    configProblems: [
      {
        severity: 'error',
        path: 'gateway.url',
        line: 3,
        message: 'The address must begin with wss://, or with ws:// on this machine.',
      },
    ],
  },
  degraded: configured({
    ...connectedRouter(),
    shown: 'degraded',
    degradations: [
      {
        code: 'verification-off',
        text: 'The gateway certificate is not checked (gateway.tls.verify is false).',
      },
    ],
  }),
  locked: configured({
    shown: 'locked',
    keeper: { name: 'idle' },
    lockdown: { since: SAMPLE_NOW, by: 'command', problem: null },
  }),
  demo: { ...configured(connectedRouter()), isDemo: true },
} as const satisfies Record<string, AppStatus>;

function configured(router: Partial<RouterStatus>): AppStatus {
  const base = withRouter(
    { ...sampleStatus, isConfigured: true },
    { gatewayUrl: 'wss://gateway.example.com:8443/mcp' },
  );
  return withRouter(base, router);
}

function connectedRouter(): Partial<RouterStatus> {
  return {
    shown: 'connected',
    isSwitchedOn: true,
    shownSince: SAMPLE_NOW - 754_000,
    keeper: {
      name: 'connected',
      since: SAMPLE_NOW - 754_000,
      tls: {
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        isVerified: true,
        subject: 'gateway.example.com',
        issuer: 'Example Trust Services R3',
        validTo: '2026-05-20T12:00:00.000Z',
      },
    },
    credential: { source: 'keychain', name: 'gateway-token' },
  };
}

function failed(code: NonNullable<RouterStatus['cause']>['code'], detail: string): AppStatus {
  return configured({
    shown: 'failed',
    isSwitchedOn: true,
    shownSince: SAMPLE_NOW - 20_000,
    keeper: { name: 'failed', since: SAMPLE_NOW - 20_000, cause: { code, detail } },
    cause: { code, detail },
    credential: { source: 'keychain', name: 'gateway-token' },
  });
}

/** A {@link DesktopRouter} whose facts the test sets; it remembers what it was asked to do. */
export interface FakeDesktopRouter extends DesktopRouter {
  readonly calls: readonly string[];
  show(status: AppStatus): void;
  tell(events: readonly RouterEvent[]): void;
  /** Tells the window what a page tells by itself. */
  readonly announce: Announce;
}

/** Makes a fake router that starts with `first`. Commands succeed and change nothing by themselves. */
export function createFakeDesktopRouter(
  first: AppStatus = sampleStatus,
  pages: Partial<DesktopPages> = {},
): FakeDesktopRouter {
  const { announce, onAnnouncement } = createAnnouncements();
  let current = first;
  let events: readonly RouterEvent[] = [];
  const calls: string[] = [];
  const statusListeners = new Set<(status: AppStatus) => void>();
  const eventListeners = new Set<(events: readonly RouterEvent[]) => void>();
  const record = (call: string): Promise<CommandResult> => {
    calls.push(call);
    return Promise.resolve({ ok: true });
  };
  const settings: ConnectionSettings = {
    url: first.router.gatewayUrl ?? '',
    tokenSource: first.isConfigured ? { kind: 'keychain', name: 'gateway-token' } : null,
    isTokenEditable: true,
  };
  return {
    calls,
    announce,
    onAnnouncement,
    pages: { ...samplePages, ...pages },
    readChanges: () => record('read changes').then(() => undefined),
    show: (status) => {
      current = withRouter(status, { revision: current.router.revision + 1 });
      for (const listener of statusListeners) listener(current);
    },
    tell: (added) => {
      events = [...events, ...added];
      for (const listener of eventListeners) listener(added);
    },
    appStatus: () => current,
    recentEvents: () => events,
    onStatus: (listener) => {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    onEvents: (listener) => {
      eventListeners.add(listener);
      return () => void eventListeners.delete(listener);
    },
    connectionSettings: () => Promise.resolve(settings),
    saveConnection: (input: SaveConnection) => record(`save ${input.url}`),
    connect: () => record('connect'),
    disconnect: () => record('disconnect'),
    wake: () => record('wake').then(() => undefined),
    disconnectClient: (session) => record(`disconnect ${session}`),
    blockClient: (name) => record(`block ${name}`),
    unblockClient: (name) => record(`unblock ${name}`),
    security: {
      posture: () => Promise.resolve(samplePosture),
      lockdown: () => Promise.resolve(current.router.lockdown),
      lockDown: (by) => record(`lock down by ${by}`),
      release: (word) => record(`release with ${word}`),
    },
    start: () => record('start').then(() => undefined),
    stop: () => record('stop').then(() => undefined),
    isKeychainBusy: () => false,
  };
}
