import { auditChoice } from './audit-choice';
import type { RouterConfig } from './config';
import { metricsEndpoint } from './metrics-endpoint';
import { isLoopbackHost } from './no-proxy';
import type { CredentialInUse } from './status';

/** The points of the guide's hardening checklist, in its order. */
export const postureTitles = {
  'token-storage': 'Token storage',
  tls: 'TLS 1.3 and suites',
  verification: 'Certificate verification',
  'rate-limit': 'Rate limit',
  metrics: 'Metrics address',
  'debug-logging': 'Debug logging',
  'non-root': 'Ordinary user',
  'resource-limits': 'Resource limits',
  audit: 'Audit log',
  updates: 'Security updates',
  'incident-contact': 'Incident contact',
  rotation: 'Rotation of credentials',
} as const;

export type PostureId = keyof typeof postureTitles;
export type Verdict = 'pass' | 'warn' | 'fail';

/** One point of the checklist as it is on this machine. */
export interface PosturePoint {
  readonly id: PostureId;
  readonly verdict: Verdict;
  /** What was found. Names of variables, entries, files and hosts; never a secret. */
  readonly evidence: string;
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null;
  /** What that changes: a key of the configuration, {@link CONFIG_FILE}, or null where it is neither. */
  readonly about: string | null;
}

/** Stands for the access to the configuration file where a point is about it. */
export const CONFIG_FILE = 'configuration file';

/** Something that `config check` finds. */
export interface PostureFinding {
  readonly severity: 'lacking' | 'warning';
  /** The key that it is about. */
  readonly path: string;
  readonly message: string;
}

/** Everything that the verdicts depend on. */
export interface PostureFacts {
  readonly config: RouterConfig;
  readonly version: string;
  /** Effective user id; null where there is none (Windows). */
  readonly uid: number | null;
  /** What a connection would use; null when none is needed or none was found. */
  readonly credential: CredentialInUse | null;
  readonly findings: readonly PostureFinding[];
  /** The configuration file, where other users can read it, with its permissions; null where they cannot. */
  readonly openFile: { readonly path: string; readonly mode: string } | null;
  /** Where the audit log is, and why it cannot be written; null when it can. */
  readonly audit: { readonly path: string; readonly problem: string | null };
}

/** The checklist, or why it cannot be gone through. */
export type PostureReport =
  | { readonly kind: 'evaluated'; readonly points: readonly PosturePoint[] }
  | { readonly kind: 'no-config'; readonly problems: readonly string[] };

type Judged = Omit<PosturePoint, 'id'>;

const pass = (evidence: string): Judged => ({ verdict: 'pass', evidence, fix: null, about: null });
const warn = (evidence: string, fix: string, about: string | null): Judged => ({
  verdict: 'warn',
  evidence,
  fix,
  about,
});
const fail = (evidence: string, fix: string, about: string | null): Judged => ({
  verdict: 'fail',
  evidence,
  fix,
  about,
});

/** Goes through the guide's hardening checklist (guide: Hardening Checklist). */
export function postureOf(facts: PostureFacts): readonly PosturePoint[] {
  const judged: Readonly<Record<PostureId, Judged>> = {
    'token-storage': tokenStorage(facts),
    tls: tls(facts.config),
    verification: verification(facts.config),
    'rate-limit': rateLimit(facts.config),
    metrics: metrics(facts),
    'debug-logging': debugLogging(facts.config),
    'non-root': ordinaryUser(facts.uid),
    'resource-limits': resourceLimits(facts.config),
    audit: audit(facts),
    updates: updates(facts.version),
    'incident-contact': contact(facts.config),
    rotation: rotation(facts),
  };
  return postureIds.map((id) => ({ id, ...judged[id] }));
}

const isPostureId = (text: string): text is PostureId => text in postureTitles;
/** The ids in the order of the guide. */
export const postureIds: readonly PostureId[] = Object.keys(postureTitles).filter(isPostureId);

const SAY_MORE = '"mcp-router config check" says more.';
const WHERE: Readonly<Record<CredentialInUse['source'], string>> = {
  keychain: 'in the keychain of the system',
  memory: 'in memory, for this run only',
  environment: 'in the environment',
  file: 'in a file that only its user can read',
  command: 'given by a program',
  certificate: 'a client certificate, whose key only its user can read',
  oauth2: 'fetched from the identity provider',
};

function tokenStorage({ config, credential, findings, openFile }: PostureFacts): Judged {
  const about = findings.filter(({ path }) => path.startsWith('gateway.auth'));
  const lack = about.find(({ severity }) => severity === 'lacking');
  if (lack !== undefined) return fail(`${lack.path}: ${lack.message}`, `Mend it. ${SAY_MORE}`, lack.path);
  const [remark] = about;
  if (remark !== undefined)
    return warn(`${remark.path}: ${remark.message}`, `Mend it. ${SAY_MORE}`, remark.path);
  if (openFile !== null) {
    return warn(
      `other users can read ${openFile.path} (mode ${openFile.mode}), which names where secrets are`,
      'Let only its user read it: chmod 600',
      CONFIG_FILE,
    );
  }
  if (credential !== null) return pass(`${credential.name}: ${WHERE[credential.source]}`);
  const isNone = config.gateway_pool.endpoints.every(({ auth }) => auth.type === 'none');
  return isNone
    ? warn(
        'no token is used (gateway.auth.type is "none")',
        'Use a token, OAuth2 or a client certificate where the gateway can.',
        'gateway.auth.type',
      )
    : fail('no credential was found', 'Store one with: mcp-router token set NAME', 'gateway.auth');
}

const isEncrypted = ({ url }: { readonly url: string }): boolean => /^(wss|https|tcps|tcp\+tls):/i.test(url);
const hostOf = ({ url }: { readonly url: string }): string => new URL(url).host;
const hosts = (endpoints: readonly { readonly url: string }[]): string => endpoints.map(hostOf).join(', ');

function tls({ gateway_pool: { endpoints } }: RouterConfig): Judged {
  const plain = endpoints.filter((one) => !isEncrypted(one));
  const exposed = plain.filter(({ url }) => !isLoopbackHost(new URL(url).hostname));
  if (exposed.length > 0) {
    return fail(
      `not encrypted: ${hosts(exposed)}`,
      'Use wss:// or https:// in gateway.url, and remove gateway.allow_insecure.',
      'gateway.url',
    );
  }
  const old = endpoints.filter((one) => isEncrypted(one) && one.tls.min_version === '1.2');
  if (old.length > 0) {
    return warn(
      `TLS 1.2 is accepted: ${hosts(old)}`,
      'Set gateway.tls.min_version: "1.3".',
      'gateway.tls.min_version',
    );
  }
  if (plain.length === endpoints.length) return pass(`on this machine only: ${hosts(plain)}`);
  const suites = new Set(endpoints.filter(isEncrypted).flatMap((one) => one.tls.cipher_suites));
  const used = [...suites].filter((suite) => !suite.includes('_WITH_'));
  return pass(`TLS 1.3 only, ${used.join(', ')}`);
}

function verification({ gateway_pool: { endpoints } }: RouterConfig): Judged {
  const off = endpoints.filter((one) => isEncrypted(one) && !one.tls.verify);
  if (off.length > 0) {
    return fail(
      `not verified: ${hosts(off)}`,
      'Set gateway.tls.verify: true; for a private authority name its certificate in gateway.tls.ca_cert_path.',
      'gateway.tls.verify',
    );
  }
  if (endpoints.some(({ auth }) => auth.type === 'oauth2' && !auth.tls.verify)) {
    return fail(
      'the identity provider is not verified',
      'Set gateway.auth.tls.verify: true.',
      'gateway.auth.tls.verify',
    );
  }
  const pinned = endpoints.filter((one) => one.tls.pins.length > 0);
  return pass(`verified${pinned.length === 0 ? '' : `, with pins: ${hosts(pinned)}`}`);
}

function rateLimit({ local: { rate_limit: limit } }: RouterConfig): Judged {
  return limit.enabled
    ? pass(`${String(limit.requests_per_second)} requests a second, bursts of ${String(limit.burst)}`)
    : fail('local.rate_limit is off', 'Remove local.rate_limit.enabled: false.', 'local.rate_limit.enabled');
}

/** Without a value it is on in the app and in `serve`. */
function metrics({ config: { metrics: settings }, findings }: PostureFacts): Judged {
  if (settings.enabled === false) return pass('off');
  const lack = findings.find(({ path }) => path.startsWith('metrics.'));
  if (lack !== undefined) return fail(`${lack.path}: ${lack.message}`, `Mend it. ${SAY_MORE}`, lack.path);
  const { token_secure_key: entry, token_env: variable, token_file: file, endpoint } = settings;
  const hasToken = (entry ?? variable ?? file) !== undefined;
  if (metricsEndpoint(endpoint)?.isLocal === true) {
    return pass(`${endpoint}, this machine only${hasToken ? ', with a token' : ''}`);
  }
  return hasToken
    ? warn(
        `${endpoint} can be reached from other machines, with a token that travels unencrypted`,
        'Use metrics.endpoint: localhost:9091, or a tunnel that encrypts.',
        'metrics.endpoint',
      )
    : fail(
        `${endpoint} can be reached from other machines without a token`,
        'Use metrics.endpoint: localhost:9091, or set metrics.token_file.',
        'metrics.endpoint',
      );
}

function debugLogging({ logging, advanced }: RouterConfig): Judged {
  if (advanced.debug.log_frames) {
    return fail(
      'every message is written to the log',
      'Set advanced.debug.log_frames: false.',
      'advanced.debug.log_frames',
    );
  }
  if (!logging.sanitize)
    return fail('secrets are not masked in the log', 'Set logging.sanitize: true.', 'logging.sanitize');
  return logging.level === 'debug'
    ? warn('logging.level is "debug"', 'Set logging.level: info.', 'logging.level')
    : pass(`level ${logging.level}, sanitised`);
}

function ordinaryUser(uid: number | null): Judged {
  if (uid === null) {
    return warn('not checked on Windows', 'Look that it does not run as administrator.', null);
  }
  return uid === 0
    ? fail(
        'this runs as root',
        'Give it a user of its own: useradd -r -s /bin/false mcp-router; sudo -u mcp-router mcp-router serve',
        null,
      )
    : pass(`user id ${String(uid)}`);
}

/** Above these a limit hardly limits: ten times the default. */
const GENEROUS = {
  max_concurrent_requests: 1000,
  max_queued_requests: 1000,
  max_server_requests: 1000,
  max_sessions: 640,
  max_line_bytes: 160 * 1024 * 1024,
} as const;

function resourceLimits({ local }: RouterConfig): Judged {
  const raised = Object.entries(GENEROUS).flatMap(([key, most]) => {
    const value: unknown = Reflect.get(local, key);
    return typeof value === 'number' && value > most ? [{ key: `local.${key}`, value }] : [];
  });
  const [first] = raised;
  if (first !== undefined) {
    const shown = raised.map(({ key, value }) => `${key}: ${String(value)}`).join(', ');
    return warn(
      `more than ten times the default: ${shown}`,
      'Lower it, or set limits of the system as well (systemd: MemoryMax, LimitNOFILE).',
      first.key,
    );
  }
  return pass(
    `${String(local.max_concurrent_requests)} requests at once, ${String(local.max_sessions)} clients, ` +
      `lines of ${String(local.max_line_bytes)} bytes; limits of the system, such as MemoryMax, are not seen from here`,
  );
}

function audit({ config, audit: { path, problem } }: PostureFacts): Judged {
  const choice = auditChoice(config);
  if (!choice.enabled)
    return fail('the audit log is off', 'Set logging.audit.enabled: true.', 'logging.audit.enabled');
  if (problem !== null) {
    return fail(
      `${path} cannot be written: ${problem}`,
      'Mend the folder, or set logging.audit.output.',
      'logging.audit.output',
    );
  }
  return choice.auth
    ? pass(`${path}${choice.isDemanded ? '; what cannot be recorded is refused' : ''}`)
    : warn(
        `${path}, without attempts to sign in`,
        'Set logging.audit.include_auth: true.',
        'logging.audit.include_auth',
      );
}

function updates(version: string): Judged {
  return warn(
    `this is version ${version}; it does not look for updates, so whether it is the newest is not known`,
    'Look for a newer version where you got this one: in a checkout "git pull && npm ci && npm run build".',
    null,
  );
}

function contact({ security }: RouterConfig): Judged {
  return security.contact === undefined
    ? warn(
        'security.contact is not set',
        'Set security.contact: who is to be told, such as security@example.com.',
        'security.contact',
      )
    : pass(security.contact);
}

function rotation({ config: { security }, findings }: PostureFacts): Judged {
  const old = findings.filter(({ path }) => path === 'security.rotation_days');
  const [first] = old;
  if (first !== undefined) {
    const more = old.length === 1 ? '' : ` (and ${String(old.length - 1)} more)`;
    return fail(`${first.message}${more}`, 'Rotate it: mcp-router token rotate', null);
  }
  return security.rotation_days === 0
    ? warn(
        'security.rotation_days is not set, so no age is too old',
        'Set security.rotation_days: 90.',
        'security.rotation_days',
      )
    : pass(
        `nothing in the keychain, and no client certificate, is ${String(security.rotation_days)} days old`,
      );
}
