import { describe, expect, it } from 'vitest';

import { exitCodeOf, runDoctor } from '../../../src/main/cli/doctor';
import { routerConfigSchema } from '../../../src/shared/model/config';
import {
  CONFIG_FILE,
  postureIds,
  postureOf,
  type PostureFacts,
  type PostureFinding,
  type PostureId,
  type PostureReport,
  type Verdict,
} from '../../../src/shared/model/posture';
import { settingEffects } from '../../../src/shared/model/setting-effects';
import { pipedIo } from '../platform/captured-io';

const GATEWAY = { url: 'wss://gateway.example.com/', auth: { type: 'bearer', token_secure_key: 'gateway' } };
const HARDENED = {
  gateway: GATEWAY,
  logging: { audit: { enabled: true } },
  security: { contact: 'security@example.com', rotation_days: 90 },
};

/** What differs from a hardened machine. */
interface Differences extends Partial<Omit<PostureFacts, 'config'>> {
  readonly config?: object;
}

function facts({ config = {}, ...others }: Differences = {}): PostureFacts {
  return {
    config: routerConfigSchema.parse({ ...HARDENED, ...config }),
    version: '1.2.3',
    uid: 1000,
    credential: { source: 'keychain', name: 'gateway' },
    findings: [],
    openFile: null,
    audit: { path: '/var/log/mcp/audit.log', problem: null },
    ...others,
  };
}

const withGateway = (more: object): Differences => ({ config: { gateway: { ...GATEWAY, ...more } } });
const finding = (severity: PostureFinding['severity'], path: string): Differences => ({
  findings: [{ severity, path, message: 'something is wrong with it' }],
});
const OAUTH = {
  type: 'oauth2',
  client_id: 'me',
  client_secret_env: 'SECRET',
  token_endpoint: 'https://auth.example.com/',
};

const rows: readonly (readonly [PostureId, Verdict, string, Differences])[] = [
  ['token-storage', 'pass', 'gateway: in the keychain', {}],
  [
    'token-storage',
    'warn',
    'gateway.auth.type is "none"',
    { ...withGateway({ auth: { type: 'none' } }), credential: null },
  ],
  ['token-storage', 'warn', 'something is wrong', finding('warning', 'gateway.auth.token_file')],
  ['token-storage', 'fail', 'something is wrong', finding('lacking', 'gateway.auth.token_file')],
  ['token-storage', 'fail', 'no credential was found', { credential: null }],
  [
    'token-storage',
    'warn',
    'other users can read /home/ada/mcp-router.yaml (mode 0644)',
    { openFile: { path: '/home/ada/mcp-router.yaml', mode: '0644' } },
  ],
  ['tls', 'pass', 'TLS 1.3 only, TLS_AES_256_GCM_SHA384', {}],
  ['tls', 'pass', 'on this machine only: 127.0.0.1:8080', withGateway({ url: 'ws://127.0.0.1:8080/' })],
  ['tls', 'warn', 'TLS 1.2 is accepted: gateway.example.com', withGateway({ tls: { min_version: '1.2' } })],
  [
    'tls',
    'fail',
    'not encrypted: gateway.example.com',
    withGateway({ url: 'ws://gateway.example.com/', allow_insecure: true }),
  ],
  ['verification', 'pass', 'verified', {}],
  ['verification', 'fail', 'not verified: gateway.example.com', withGateway({ tls: { verify: false } })],
  [
    'verification',
    'fail',
    'the identity provider',
    withGateway({ auth: { ...OAUTH, tls: { verify: false } } }),
  ],
  ['rate-limit', 'pass', '50 requests a second', {}],
  [
    'rate-limit',
    'fail',
    'local.rate_limit is off',
    { config: { local: { rate_limit: { enabled: false } } } },
  ],
  ['metrics', 'pass', 'localhost:9091, this machine only', {}],
  ['metrics', 'pass', 'off', { config: { metrics: { enabled: false } } }],
  [
    'metrics',
    'warn',
    'travels unencrypted',
    { config: { metrics: { endpoint: '0.0.0.0:9091', token_env: 'M' } } },
  ],
  ['metrics', 'fail', 'without a token', { config: { metrics: { endpoint: ':9091' } } }],
  ['metrics', 'fail', 'something is wrong', finding('lacking', 'metrics.token_file')],
  ['debug-logging', 'pass', 'level info', {}],
  ['debug-logging', 'warn', '"debug"', { config: { logging: { ...HARDENED.logging, level: 'debug' } } }],
  ['debug-logging', 'fail', 'not masked', { config: { logging: { ...HARDENED.logging, sanitize: false } } }],
  ['debug-logging', 'fail', 'every message', { config: { advanced: { debug: { log_frames: true } } } }],
  ['non-root', 'pass', 'user id 1000', {}],
  ['non-root', 'warn', 'Windows', { uid: null }],
  ['non-root', 'fail', 'root', { uid: 0 }],
  ['resource-limits', 'pass', '100 requests at once', {}],
  ['resource-limits', 'warn', 'local.max_sessions: 5000', { config: { local: { max_sessions: 5000 } } }],
  ['audit', 'pass', '/var/log/mcp/audit.log', {}],
  [
    'audit',
    'warn',
    'without attempts',
    { config: { logging: { audit: { enabled: true, include_auth: false } } } },
  ],
  ['audit', 'fail', 'off', { config: { logging: {} } }],
  ['audit', 'fail', 'the disk is full', { audit: { path: '/a', problem: 'the disk is full' } }],
  ['updates', 'warn', '1.2.3', {}],
  ['incident-contact', 'pass', 'security@example.com', {}],
  ['incident-contact', 'warn', 'is not set', { config: { security: { rotation_days: 90 } } }],
  ['rotation', 'pass', '90 days', {}],
  ['rotation', 'warn', 'is not set', { config: { security: { contact: 'security@example.com' } } }],
  ['rotation', 'fail', 'something is wrong', finding('warning', 'security.rotation_days')],
];

describe('the hardening checklist', () => {
  it.each(rows)('SEC-57 %s: %s, and says what was found', (id, verdict, evidence, differences) => {
    const point = postureOf(facts(differences)).find((one) => one.id === id);
    expect(point?.verdict).toBe(verdict);
    expect(point?.evidence).toContain(evidence);
    expect(point?.fix === null).toBe(verdict === 'pass');
    const { about = null } = point ?? {};
    if (verdict === 'pass') expect(about).toBeNull();
    // A part of the schema, or a key of it.
    else if (about !== null && about !== CONFIG_FILE)
      expect(Object.keys(settingEffects).some((key) => key.startsWith(about))).toBe(true);
  });

  it('names the key that mends a point, so that the window can go there', () => {
    const about = (id: PostureId, differences: Differences): unknown =>
      postureOf(facts(differences)).find((one) => one.id === id)?.about;
    expect(about('tls', withGateway({ tls: { min_version: '1.2' } }))).toBe('gateway.tls.min_version');
    expect(about('audit', { config: { logging: {} } })).toBe('logging.audit.enabled');
    expect(about('token-storage', finding('lacking', 'gateway.auth.token_file'))).toBe(
      'gateway.auth.token_file',
    );
    expect(about('resource-limits', { config: { local: { max_queued_requests: 5000 } } })).toBe(
      'local.max_queued_requests',
    );
    expect(about('non-root', { uid: 0 })).toBeNull();
  });

  it('has the twelve points of the guide, each in its place, and changes no other point', () => {
    const good = postureOf(facts());
    expect(good.map(({ id }) => id)).toEqual(postureIds);
    expect(postureIds).toHaveLength(12);
    for (const [id, , , differences] of rows) {
      const others = (points: typeof good): unknown =>
        points.filter((one) => one.id !== id).map(({ verdict }) => verdict);
      expect(others(postureOf(facts(differences)))).toEqual(others(good));
    }
  });

  it('SEC-57 never says that updates are installed, because nobody looked', () => {
    const warned = postureOf(facts()).filter(({ verdict }) => verdict !== 'pass');
    expect(warned.map(({ id }) => id)).toEqual(['updates']);
  });
});

const reportOf = (differences?: Differences): PostureReport => ({
  kind: 'evaluated',
  points: postureOf(facts(differences)),
});

describe('doctor', () => {
  it.each<readonly [string, number, PostureReport, readonly PostureId[]]>([
    ['all pass but what is accepted', 0, reportOf(), ['updates']],
    ['a warning', 2, reportOf(), []],
    ['a failure', 1, reportOf({ uid: 0 }), ['updates', 'non-root']],
    ['no configuration', 1, { kind: 'no-config', problems: ['there is none'] }, []],
  ])('%s is exit code %i', (_name, code, report, accepted) => {
    expect(exitCodeOf(report, accepted)).toBe(code);
  });

  it('shows a table to people, and one document to programs', async () => {
    const report = reportOf({ uid: 0 });
    const table = pipedIo();
    expect(await runDoctor([], table.io, () => Promise.resolve(report))).toBe(1);
    expect(table.out()).toMatch(/^fail {2}non-root +this runs as root\n +-> Give it a user of its own/m);
    expect(table.out()).toContain('10 pass, 1 fail, 1 warn');
    const json = pipedIo();
    expect(
      await runDoctor(['--json', '-c', 'x.yaml'], json.io, (path) => {
        expect(path).toBe('x.yaml');
        return Promise.resolve(report);
      }),
    ).toBe(1);
    const document: unknown = JSON.parse(json.out());
    expect(document).toEqual({ status: 'evaluated', exitCode: 1, ...report });
  });

  it.each([
    [['--accept', 'nothing'], 64],
    [['extra'], 64],
    [['--help'], 0],
  ])('%j ends with %i', async (argv, code) => {
    const { io } = pipedIo();
    expect(await runDoctor(argv, io, () => Promise.resolve(reportOf()))).toBe(code);
  });
});
