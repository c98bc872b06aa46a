import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runConfig } from '../../../src/main/cli/config';
import { createMachine, type Machine } from '../../../src/main/platform/machine';
import { createAuthority } from '../../support/certificates';
import { pipedIo } from './captured-io';
import { ownUid, useTemporaryHome } from './temporary-home';
import { containing, listWith } from './text-matchers';

const home = useTemporaryHome();

function machine(env: Record<string, string> = {}): Machine {
  return createMachine({ platform: process.platform, env, home: home.path(), cwd: home.path(), uid: ownUid });
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function check(
  text: string | null,
  env: Record<string, string> = {},
  argv: readonly string[] = [],
): Promise<Ran> {
  if (text !== null) await home.write('c.yaml', text);
  const { io, out, err } = pipedIo();
  const code = await runConfig(
    ['check', ...(text === null ? [] : ['--config', 'c.yaml']), ...argv],
    io,
    machine(env),
  );
  return { code, out: out(), err: err() };
}

/** Every key that names where a secret is. */
const REFERENCES = [
  'gateway.auth.token',
  'gateway.auth.passphrase',
  'gateway.auth.client_secret',
  'gateway.auth.password',
  'gateway.auth.refresh_token',
  'gateway.proxy.password',
  'metrics.token',
].flatMap((key) => ['secure_key', 'env', 'file'].map((source) => `${key}_${source}`));

const GATEWAY = 'gateway:\n  url: wss://gateway.example.com:8443/mcp?region=eu\n';

describe.skipIf(process.platform === 'win32')('config check', () => {
  it('exits 0 and prints every key with its value and where it came from', async () => {
    const { code, out } = await check(`${GATEWAY}local:\n  max_sessions: 5\n`, {
      MCP_AUTH_TOKEN: 'sk-secret',
      MCP_LOGGING_LEVEL: 'warn',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^.*c\.yaml: valid\n/);
    expect(out).toMatch(/^gateway\.url +wss:\/\/gateway\.example\.com:8443\/mcp\?\.\.\. +line 2$/m);
    expect(out).toMatch(/^local\.max_sessions +5 +line 4$/m);
    expect(out).toMatch(/^logging\.level +warn +MCP_LOGGING_LEVEL$/m);
    expect(out).toMatch(/^gateway\.tls\.verify +true +default$/m);
    expect(out).toMatch(/^credential {2}environment "MCP_AUTH_TOKEN"$/m);
    expect(out).not.toContain('sk-secret');
  });

  it('SEC-76 names what needs a restart, and warns of a token that is to be rotated', async () => {
    const state = '.local/state/mcp-router/secrets.json';
    const stored = { version: 1, secrets: [{ name: 'gateway', storedAt: '2020-01-01T00:00:00.000Z' }] };
    if (process.platform === 'linux') await home.write(state, JSON.stringify(stored));
    const { out } = await check(
      `${GATEWAY}  auth: { token_secure_key: gateway }\nsecurity: { rotation_days: 30 }\n`,
      { MCP_AUTH_TOKEN: 'sk-secret', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
    );
    expect(out).toMatch(/^restart +needed after a change of .*local\.socket\.path, .*logging\.level/m);
    if (process.platform === 'linux') {
      expect(out).toMatch(/^warning +security\.rotation_days: .*"gateway".*token rotate gateway$/m);
    }
  });

  it.each(REFERENCES)('SEC-56 does not repeat what stands in %s, which may be the secret', async (path) => {
    for (const secret of ['pa55word of "the" proxy', 'cN4+/=x', 'a'.repeat(100), 'sk-0123456789abcdef']) {
      const [section = '', ...rest] = path.split('.');
      const key = rest.at(-1) ?? '';
      const line = `${key}: ${JSON.stringify(secret)}`;
      const proxy = rest[0] === 'proxy' ? ', proxy: { url: "https://p.example:1", username: a, ' : '';
      const oauth =
        'type: oauth2, grant_type: password, client_id: c, username: u, token_endpoint: "https://i.example/t"';
      const auth =
        rest[0] === 'auth'
          ? `, auth: { ${/client|password|refresh/.test(key) ? oauth : 'type: bearer'}, `
          : '';
      const more = section === 'metrics' ? `\nmetrics: { ${line} }` : '';
      const inner = proxy + auth === '' ? '' : `${proxy}${auth}${line} }`;
      const { code, out, err } = await check(`gateway: { url: "wss://g.example/"${inner} }${more}\n`);
      expect([code, out]).toEqual([1, containing(path)]);
      expect(out + err).not.toContain(secret);
    }
  });

  it('SEC-56 does not repeat a key that cannot be the name of one', async () => {
    for (const secret of [
      'cN4+/="%',
      `eyJ${'a'.repeat(20)}.abc`,
      'ghp_0123456789abcdefghij',
      'a'.repeat(70),
    ]) {
      const { code, out } = await check(`${GATEWAY}  auth:\n    ${JSON.stringify(secret)}: true\n`);
      expect([code, out]).toEqual([1, containing('gateway.auth.(not shown): unknown key')]);
      expect(out).not.toContain(secret);
    }
  });

  it('exits 1 and prints every error with line, path and nearest key', async () => {
    const { code, out } = await check(
      `${GATEWAY}  tls:\n    verfy: true\n  auth:\n    token: sk-secret\nx: 1\n`,
    );
    expect(code).toBe(1);
    expect(out).toContain('invalid, 3 errors');
    expect(out).toContain(
      'error    line 4:5  gateway.tls.verfy: unknown key; did you mean gateway.tls.verify?',
    );
    expect(out).toContain('error    line 6:5  gateway.auth.token: ');
    expect(out).toContain('error    line 7:1  x: unknown key');
    expect(out).not.toContain('sk-secret');
  });

  it('exits 2 when this machine lacks what a valid file needs, and names each thing', async () => {
    const token = await home.write('token', 'sk-secret', 0o644);
    const text = [
      GATEWAY.trimEnd(),
      '  auth: { token_env: GW_TOKEN, token_file: ~/token }',
      '  tls: { ca_cert_path: ~/none.pem }',
      `logging: { output: ${join(token, 'router.log')} }`,
    ].join('\n');
    const { code, out } = await check(text);
    expect(code).toBe(2);
    expect(out).toContain('valid, but this machine lacks 3 things');
    expect(out).toContain('warning  gateway.auth.token_env: the variable GW_TOKEN is not set');
    expect(out).toContain(`lacking  gateway.auth.token_file: ${token} is not used: `);
    expect(out).toContain(`chmod 600 ${token}`);
    expect(out).toContain('lacking  gateway.tls.ca_cert_path: there is no file');
    expect(out).toContain('lacking  logging.output: ');
    expect(out).toContain('credential  none found');
    expect(out).not.toContain('sk-secret');
  });

  it.each([
    ['no token anywhere', '', {}, 'no token: set MCP_AUTH_TOKEN'],
    ['a token that cannot be one', '', { MCP_AUTH_TOKEN: 'two words' }, 'that a token cannot have'],
  ])('exits 2 with %s', async (_, more, env, expected) => {
    const { code, out } = await check(GATEWAY + more, env);
    expect(code).toBe(2);
    expect(out).toContain(expected);
  });

  it('uses the sources in the documented order and names the one in use', async () => {
    const file = await home.write('token', 'sk-secret\n');
    await home.write('ca.pem', createAuthority('Test').certificatePem);
    const text = `${GATEWAY}  auth: { token_env: GW_TOKEN, token_file: ~/token }\n  tls: { ca_cert_path: ~/ca.pem }\n`;
    const credential = async (env: Record<string, string>): Promise<string> => {
      const { code, out } = await check(text, env);
      expect(code).toBe(0);
      return /^credential {2}(.*)$/m.exec(out)?.[1] ?? '';
    };
    expect(await credential({ GW_TOKEN: 'a', MCP_AUTH_TOKEN: 'b' })).toBe('environment "GW_TOKEN"');
    expect(await credential({ MCP_AUTH_TOKEN: 'b' })).toBe('environment "MCP_AUTH_TOKEN"');
    expect(await credential({})).toBe('file "~/token"');
    expect(file).toContain('token');
  });

  it('needs no credential when authentication is off', async () => {
    const { code, out } = await check(`${GATEWAY}  auth: { type: none }\n`);
    expect(code).toBe(0);
    expect(out).toContain('credential  none (gateway.auth.type is "none")');
  });

  it('exits 2 when there is no file, or one that must not be used', async () => {
    const absent = await check(null);
    expect(absent.code).toBe(2);
    expect(absent.out).toContain('.config/claude-cli/mcp-router.yaml');
    expect(absent.out).toContain('url: wss://');
    const missing = await check(null, {}, ['-c', 'none.yaml']);
    expect(missing).toMatchObject({ code: 2, out: containing('does not exist') });
    await home.write('open.yaml', GATEWAY, 0o666);
    const open = await check(null, {}, ['-c', 'open.yaml']);
    expect(open).toMatchObject({ code: 2, out: containing('chmod 600') });
  });

  it('says the same to scripts as JSON', async () => {
    const good = await check(GATEWAY, { MCP_AUTH_TOKEN: 'sk-secret' }, ['--json']);
    const report: unknown = JSON.parse(good.out);
    expect(report).toMatchObject({
      status: 'valid',
      exitCode: 0,
      credential: { source: 'environment', name: 'MCP_AUTH_TOKEN' },
      settings: listWith([
        {
          path: 'gateway.url',
          value: 'wss://gateway.example.com:8443/mcp?...',
          origin: 'line 2',
          effect: 'reconnect',
        },
        { path: 'gateway.auth.token_file', value: null, origin: 'not set', effect: 'reconnect' },
      ]),
    });
    expect(good.out).not.toContain('sk-secret');
    const bad = await check('gateway: {}\n', {}, ['--json']);
    expect(JSON.parse(bad.out)).toMatchObject({
      status: 'invalid',
      exitCode: 1,
      problems: [{ severity: 'error', path: 'gateway.url', line: 1 }],
    });
    expect(JSON.parse((await check(null, {}, ['--json'])).out)).toMatchObject({
      status: 'absent',
      exitCode: 2,
    });
  });

  it.each([[[]], [['show']], [['check', 'x.yaml']], [['check', '--nonsense']], [['check', '--config', '']]])(
    'explains itself for %j',
    async (argv) => {
      const { io, out, err } = pipedIo();
      expect(await runConfig(argv, io, machine())).toBe(64);
      expect(out()).toBe('');
      expect(err()).toContain('Usage: mcp-router config check');
    },
  );
});
