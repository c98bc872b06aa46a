import { describe, expect, it } from 'vitest';

import { describeSettings, type DescribedSetting } from '../../../src/main/platform/setting-descriptions';
import { configKeys } from '../../../src/main/platform/config-keys';
import { parseConfigText } from '../../../src/main/platform/config-file';
import { evaluateConfigText, type LoadOptions } from '../../../src/main/platform/load-config';
import { settingsDiff } from '../../../src/main/platform/settings-diff';
import { settingsCandidate, type SettingsCandidate } from '../../../src/main/platform/settings-edit';
import { settingWords } from '../../../src/renderer/texts/setting-words';
import type { SettingChange } from '../../../src/shared/ipc/settings-calls';

const path = '/home/ann/mcp-router.yaml';
const options = (env: Record<string, string> = {}): LoadOptions => ({
  place: { platform: 'linux', env, home: '/home/ann' },
  cwd: '/home/ann',
  uid: 1000,
});

function described(text: string, env: Record<string, string> = {}): ReadonlyMap<string, DescribedSetting> {
  const { tree } = parseConfigText(text);
  if (tree === null) throw new Error('no configuration');
  const loaded = evaluateConfigText(text, path, options(env));
  const settings = describeSettings({ tree, loaded, variables: env });
  return new Map(settings.map((setting) => [setting.path, setting]));
}

const candidate = (
  text: string,
  changes: readonly SettingChange[],
  env: Record<string, string> = {},
): SettingsCandidate => settingsCandidate(text, changes, { path, load: options(env) });

const URL_LINE = 'gateway:\n  url: wss://a.example/\n';

describe('the description of the settings', () => {
  const all = described(URL_LINE);

  it('has every key of the schema, each with a name and one sentence', () => {
    const keys = configKeys().map((key) => key.path);
    expect([...all.keys()]).toEqual(keys);
    expect(Object.keys(settingWords).sort()).toEqual([...keys].sort());
    for (const [title, sentence] of Object.values(settingWords)) {
      expect(title).toMatch(/^[A-Z]\S*( \S+){0,7}$|^FIPS mode$/);
      expect(sentence).toMatch(/^[^a-z].*\.$|^[a-z]+:\/\/.*\.$|^stderr.*\.$/);
    }
  });

  it('has the default of the schema for each key', () => {
    const values = Object.fromEntries([...all].map(([key, { defaultValue }]) => [key, defaultValue]));
    expect(values).toMatchObject({
      'local.max_sessions': 64,
      'gateway.tls.verify': true,
      'gateway.transport': 'auto',
      'metrics.enabled': null,
      'gateway.url': null,
      'metrics.labels': {},
      'local.policy.deny_tools': [],
      'gateway.connection.pool.max_connections': 1,
    });
    for (const { path: key, effectiveValue, defaultValue, source } of all.values()) {
      const depends = ['gateway.url', 'gateway.transport', 'gateway.max_message_bytes'].includes(key);
      if (depends || key.startsWith('gateway.tcp.')) continue;
      expect([key, effectiveValue, source]).toEqual([key, defaultValue, { kind: 'default' }]);
    }
  });

  it.each([
    ['local.max_sessions', { kind: 'number', isWhole: true, min: 1, max: 1_000_000, unit: null }],
    ['local.request_timeout_ms', { kind: 'number', unit: 'milliseconds' }],
    ['local.max_line_bytes', { kind: 'number', unit: 'bytes' }],
    ['security.rotation_days', { kind: 'number', unit: 'days' }],
    ['logging.level', { kind: 'choice', choices: ['debug', 'info', 'warn', 'error'] }],
    ['gateway.tls.verify', { kind: 'switch' }],
    ['gateway.tls.ca_cert_path', { kind: 'text', isPath: true }],
    ['security.contact', { kind: 'text', isPath: false }],
    ['local.blocked_clients', { kind: 'list', choices: null }],
    ['metrics.labels', { kind: 'map' }],
  ])('%s is drawn as %j', (key, control) => {
    expect(all.get(key)?.control).toMatchObject(control);
  });

  it('says where each value comes from, and when a change takes effect', () => {
    const settings = described(`${URL_LINE}local: { max_sessions: 3 }\nlogging: { level: warn }\n`, {
      MCP_LOGGING_LEVEL: 'debug',
    });
    expect(settings.get('local.max_sessions')).toMatchObject({
      fileValue: 3,
      effectiveValue: 3,
      source: { kind: 'file', line: 3 },
      effect: 'live',
    });
    expect(settings.get('logging.level')).toMatchObject({
      fileValue: 'warn',
      effectiveValue: 'debug',
      source: { kind: 'environment', variable: 'MCP_LOGGING_LEVEL' },
      effect: 'restart',
    });
  });

  it('tells what a file says that is not valid, but not what would be in effect', () => {
    const settings = described('gateway: { url: wss://a.example/ }\nlocal: { max_sessions: many }\n');
    expect(settings.get('local.max_sessions')).toMatchObject({ fileValue: 'many', effectiveValue: null });
  });

  it.each([
    [
      'a token in place of a name',
      'gateway: { auth: { token_env: sk-abcdefghijklmnopqrstuv } }',
      'gateway.auth.token_env',
    ],
    ['an address with a query', 'gateway: { url: "wss://a.example/?key=hunter2" }', 'gateway.url'],
    ['an address with a password', 'gateway: { proxy: { url: "http://u:hunter2@p/" } }', 'gateway.proxy.url'],
    ['a label that is a token', 'metrics: { labels: { a: ghp_abcdefghijklmnopqrstuv } }', 'metrics.labels'],
  ])('SEC-108 does not hold %s', (_name, text, key) => {
    const setting = described(text).get(key);
    expect(setting).toMatchObject({ fileValue: null, effectiveValue: null, notEditable: 'withheld' });
    expect(JSON.stringify(setting)).not.toMatch(/hunter2|sk-abc|ghp_/);
  });

  it('SEC-108 SEC-109 has a program by its name alone, and takes none', () => {
    const text = `${URL_LINE}  auth: { token_command: [print, --password, hunter2] }\n`;
    const setting = described(text).get('gateway.auth.token_command');
    expect(setting).toMatchObject({ fileValue: ['print'], notEditable: 'program' });
    const changes = [{ path: 'gateway.auth.token_command', value: ['rm'] }];
    expect(candidate(text, changes)).toMatchObject({ kind: 'refused' });
  });
});

describe('SEC-109 a candidate', () => {
  it('is judged as config check does, and says what takes effect when', () => {
    const changes = [
      { path: 'local.max_sessions', value: 5 },
      { path: 'logging.level', value: 'debug' },
      { path: 'local.http.enabled', value: true },
    ];
    expect(candidate(`# mine\n${URL_LINE}`, changes, { MCP_LOCAL_HTTP_ENABLED: 'false' })).toEqual({
      kind: 'candidate',
      text: `# mine\n${URL_LINE}local:\n  max_sessions: 5\n  http:\n    enabled: true\nlogging:\n  level: debug\n`,
      isValid: true,
      problems: [],
      outcome: {
        now: ['local.max_sessions'],
        atRestart: ['logging.level'],
        overridden: [{ path: 'local.http.enabled', variable: 'MCP_LOCAL_HTTP_ENABLED' }],
      },
    });
  });

  it.each([
    ['a text for a number', 'local.max_sessions', 'many', 'local.max_sessions'],
    ['a list for a switch', 'gateway.tls.verify', ['x'], 'gateway.tls.verify'],
    ['a token for a name', 'metrics.token_env', 'sk-abcdefghijklmnopqrstuv', 'metrics.token_env'],
    ['two that do not fit together', 'metrics.endpoint', '0.0.0.0:9091', 'metrics.endpoint'],
  ])('with %s is not valid, and says where', (_name, key, value, at) => {
    const result = candidate(URL_LINE, [{ path: key, value }]);
    expect(result).toMatchObject({ kind: 'candidate', isValid: false });
    if (result.kind !== 'candidate') return;
    expect(result.problems.map((problem) => problem.path)).toContain(at);
    expect(JSON.stringify(result.problems)).not.toContain('sk-abc');
  });

  it('is not valid where a variable covers what is wrong', () => {
    const changes = [{ path: 'local.max_sessions', value: 0 }];
    expect(candidate(URL_LINE, changes, { MCP_LOCAL_MAX_SESSIONS: '5' })).toMatchObject({ isValid: false });
  });

  it.each([
    ['is no key', 'gateway.auth.token', 'x'],
    ['is a section', 'gateway', {}],
    ['is a map where there is none', 'logging.level', { a: 'b' }],
  ])('takes nothing that %s', (_name, key, value) => {
    expect(candidate(URL_LINE, [{ path: key, value }])).toMatchObject({ kind: 'refused' });
  });

  it('keeps the form of a Go router’s file', () => {
    const text =
      'gateway_pool:\n  endpoints:\n  - url: wss://a.example/ # one\nlocal: { rate_limit: { requests_per_sec: 5 } }\n';
    expect(described(text).get('local.rate_limit.requests_per_second')).toMatchObject({
      fileValue: 5,
      notEditable: 'other-form',
    });
    expect(candidate(text, [{ path: 'gateway.allow_insecure', value: true }])).toMatchObject({
      text: text.replace('# one\n', '# one\n    allow_insecure: true\n'),
      isValid: true,
    });
  });

  it('changes a map name by name', () => {
    const text = `${URL_LINE}metrics:\n  labels:\n    a: x # ax\n    b: y # by\n`;
    const changes = [{ path: 'metrics.labels', value: { b: 'z', c: 'w' } }];
    expect(candidate(text, changes)).toMatchObject({
      text: `${URL_LINE}metrics:\n  labels:\n    # ax\n    b: z # by\n    c: w\n`,
    });
  });
});

describe('SEC-108 a difference', () => {
  it('shows what changes with a little around it, and no more', () => {
    const before = 'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n';
    const lines = settingsDiff(before, before.replace('4', '40'));
    expect(lines.map(({ kind, line, text }) => `${kind} ${String(line)} ${text}`)).toEqual([
      'same 2 b: 2',
      'same 3 c: 3',
      'removed 4 d: 4',
      'added 4 d: 40',
      'same 5 e: 5',
      'same 6 f: 6',
    ]);
  });

  it.each([
    'a: 1 # token hunter2',
    '# hunter2',
    'url: "wss://x/?k=hunter2"',
    'url: wss://u:hunter2@x/',
    'k: sk-hunter2abcdefghijklmnop',
    'token_command: [a, hunter2]',
    'token_command:\n  - a\n  - hunter2',
    'token_command:\n- a\n- |\n  b\n  hunter2',
    'x: { token_command: [a,\n "hunter2"], y: 1 }',
  ])('does not show what may be a secret in %j', (text) => {
    expect(JSON.stringify(settingsDiff(`${text}\nz: 1\n`, `${text}\nz: 2\n`))).not.toContain('hunter2');
    expect(JSON.stringify(settingsDiff('z: 1\n', `z: 1\n${text}\n`))).not.toContain('hunter2');
  });
});
