import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { SecretChange, SecretStore } from '../../../src/main/engine/ports';
import { planBlockedClients, planConnection, type ConfigPlan } from '../../../src/main/platform/config-edit';
import { saveConnection, type ConnectionSave } from '../../../src/main/platform/connection-edit';
import type { LoadOptions } from '../../../src/main/platform/load-config';
import { judge } from './config-text';
import { guideFragments } from '../../support/guide-fragments';
import { ownUid, useTemporaryHome } from './temporary-home';
import { containing } from './text-matchers';

const home = useTemporaryHome();
const NEW = 'wss://new.example/mcp';

const options = (env: Record<string, string> = {}): LoadOptions => ({
  place: { platform: process.platform, env, home: home.path() },
  cwd: home.path(),
  uid: ownUid,
});

async function plan(text: string, tokenSecureKey?: string): Promise<ConfigPlan> {
  const path = await home.write('c.yaml', text);
  return planConnection(
    path,
    { url: NEW, ...(tokenSecureKey === undefined ? {} : { tokenSecureKey }) },
    options(),
  );
}

async function planned(text: string, tokenSecureKey?: string): Promise<string> {
  const result = await plan(text, tokenSecureKey);
  if (result.kind !== 'planned') throw new Error(JSON.stringify(result));
  return result.text;
}

describe('planBlockedClients', () => {
  const FILE = '# mine\ngateway: { url: "wss://a.example/" } # keep\nlocal:\n  max_sessions: 3\n';

  async function blocked(text: string, names: readonly string[]): Promise<string> {
    const result = await planBlockedClients(await home.write('c.yaml', text), names, options());
    if (result.kind !== 'planned') throw new Error(JSON.stringify(result));
    return result.text;
  }

  it('adds and removes the list and leaves the rest as it is', async () => {
    const once = await blocked(FILE, ['Bad: one', 'two']);
    expect(once).toBe(`${FILE}  blocked_clients:\n    - "Bad: one"\n    - two\n`);
    const fewer = await blocked(once, ['two']);
    expect(fewer).toBe(`${FILE}  blocked_clients:\n    - two\n`);
    expect(await blocked(fewer, [])).toBe(FILE);
  });

  it('makes the section where there is none', async () => {
    const text = await blocked('gateway: { url: "wss://a.example/" }\n', ['x']);
    expect(text).toBe('gateway: { url: "wss://a.example/" }\nlocal:\n  blocked_clients:\n    - x\n');
  });

  it('refuses to write into a file that is broken', async () => {
    const path = await home.write('c.yaml', 'gateway:\n  urll: x\n');
    expect(await planBlockedClients(path, ['x'], options())).toMatchObject({ kind: 'invalid' });
  });
});

describe('planConnection', () => {
  it('changes the address and the name of the token, and not one other character', async () => {
    const before = [
      '# my router',
      'logging:   { level: warn }   # quiet',
      '',
      'gateway:',
      '    # the address',
      "    url: 'wss://old.example/'   # staging",
      '    auth:',
      '        type: bearer',
      '        token_secure_key: old',
      '',
      'local:',
      '    max_sessions: 3',
      '',
    ].join('\n');
    const after = await planned(before, 'gateway');
    expect(after).toBe(
      before.replace('wss://old.example/', NEW).replace('token_secure_key: old', 'token_secure_key: gateway'),
    );
  });

  it('keeps comments and order when a key is added', async () => {
    const text = await planned(
      '# a\ngateway:\n    # b\n    url: wss://old.example/ # c\nlocal: {}\n',
      'gateway',
    );
    expect(text).toBe(
      `# a\ngateway:\n    # b\n    url: ${NEW} # c\n    auth:\n        token_secure_key: gateway\nlocal: {}\n`,
    );
  });

  it('quotes what would be misread', async () => {
    const path = await home.write(
      'c.yaml',
      'gateway: {url: wss://old.example/, auth: {token_secure_key: "x"}}\n',
    );
    const url = "wss://new.example/?a='b',c: #d";
    const result = await planConnection(path, { url: url.slice(0, -3), tokenSecureKey: 'true' }, options());
    expect(result).toMatchObject({ kind: 'planned' });
    if (result.kind !== 'planned') return;
    expect(judge(result.text)).toMatchObject({
      kind: 'valid',
      config: { gateway: { url: url.slice(0, -3), auth: { token_secure_key: 'true' } } },
    });
  });

  it('adds what is not there yet', async () => {
    expect(await planned('local: { max_sessions: 3 }\n', 'gateway')).toBe(
      `local: { max_sessions: 3 }\ngateway:\n  url: ${NEW}\n  auth:\n    token_secure_key: gateway\n`,
    );
    expect(await planned('gateway:\n  # nothing yet\n', 'gateway')).toContain('token_secure_key: gateway');
    expect(await planned('# only a comment\n')).toContain('# only a comment\n');
    expect(await planned('')).toContain(`url: ${NEW}`);
  });

  it('keeps Windows line ends', async () => {
    const text = await planned('gateway:\r\n  url: wss://old.example/\r\n');
    expect(text).toBe(`gateway:\r\n  url: ${NEW}\r\n`);
  });

  it('keeps the form of a Go router’s file', async () => {
    const text = await planned(
      'gateway_pool:\n  endpoints:\n  - url: wss://old.example/\n    weight: 1\n',
      'gateway',
    );
    expect(text).toBe(
      `gateway_pool:\n  endpoints:\n  - url: ${NEW}\n    weight: 1\n    auth:\n      token_secure_key: gateway\n`,
    );
  });

  it('leaves a file with several endpoints to its writer', async () => {
    const text = 'gateway_pool:\n  endpoints:\n  - url: wss://a.example/\n  - url: wss://b.example/\n';
    const result = await plan(text, 'gateway');
    expect(result.kind).toBe('refused');
    expect(JSON.stringify(result)).toContain('several endpoints');
  });

  it('takes a token in clear text out of the file when it goes to the keychain', async () => {
    const text = await planned(
      'gateway:\n  url: wss://a/\n  auth:\n    token: sk-secret # exposed\n',
      'gateway',
    );
    expect(text).not.toContain('sk-secret');
    expect(text).toContain('token_secure_key: gateway');
  });

  it('switches authentication on when a token is given', async () => {
    expect(await planned('gateway:\n  url: wss://a/\n  auth: { type: none }\n', 'gateway')).toContain(
      'type: bearer',
    );
  });

  it.each([...guideFragments()].filter(([, text]) => !/oauth2|mtls|suites|audit|pii|"sk-/.test(text)))(
    'leaves every line of "%s" in place',
    async (_, fragment) => {
      const after = await planned(fragment.trimStart());
      for (const line of fragment.split('\n'))
        expect(after.replace(/ +#/g, ' #')).toContain(line.trim().replace(/ +#/g, ' #'));
    },
  );

  it.each([
    ['a list in place of the section', 'gateway:\n  - url: wss://a/\n', 'invalid'],
    ['an odd anchor', 'gateway:\n  url: &\u2028a wss://a/\n', 'invalid'],
    ['an alias of nothing', 'gateway:\n  url: wss://a/\nlogging: { level: *a }\n', 'invalid'],
    [
      'an alias of what is taken out',
      'gateway:\n  url: wss://a/\n  auth: { token: &t x }\n  tls: { ca_cert_path: *t }\n',
      'refused',
    ],
  ])('says why a file with %s stays as it is', async (_name, text, kind) => {
    expect(await plan(text, 'gateway')).toMatchObject({ kind });
  });

  it('refuses a file that does not parse, or is not valid for other reasons', async () => {
    expect(await plan('gateway: [\n')).toMatchObject({ kind: 'invalid' });
    expect(await plan('- a\n')).toMatchObject({ kind: 'invalid' });
    expect(await plan('gateway:\n  urll: x\n')).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'gateway.urll', line: 2 }],
    });
  });

  it.skipIf(process.platform === 'win32')('refuses a file that others can change', async () => {
    const path = await home.write('c.yaml', 'gateway: {}\n', 0o666);
    expect(await planConnection(path, { url: NEW }, options())).toMatchObject({
      kind: 'refused',
      problem: containing('chmod 600'),
    });
  });
});

interface MemoryStore extends SecretStore {
  readonly stored: Map<string, string>;
}

function store(answer: SecretChange = { kind: 'done' }): MemoryStore {
  const stored = new Map<string, string>();
  return {
    stored,
    write: (name, value) => {
      if (answer.kind === 'done') stored.set(name, value);
      return Promise.resolve(answer);
    },
    read: () => Promise.resolve({ kind: 'absent' }),
    readAnew: () => Promise.resolve({ kind: 'absent' }),
    delete: () => Promise.resolve(answer),
    list: () => Promise.resolve([]),
  };
}

describe('saveConnection', () => {
  const save = (
    path: string,
    secrets: SecretStore,
    input: { readonly url: string; readonly token?: string },
    env: Record<string, string> = {},
  ): Promise<ConnectionSave> =>
    saveConnection(
      {
        path,
        tokenEntry: undefined,
        secrets,
        load: options(env),
        swapToken: () => Promise.resolve({ kind: 'nothing-there' }),
      },
      input,
    );

  it('creates file and folders for the own user, and puts the token into the keychain only', async () => {
    const path = join(home.path(), 'deep', 'er', 'mcp-router.yaml');
    const secrets = store();
    expect(await save(path, secrets, { url: ` ${NEW} `, token: ' sk-secret\n' })).toEqual({ kind: 'saved' });
    const text = await readFile(path, 'utf8');
    expect(text).toContain(`url: ${NEW}\n`);
    expect(text).toContain('token_secure_key: gateway-token');
    expect(text).not.toContain('sk-secret');
    expect([...secrets.stored]).toEqual([['gateway-token', 'sk-secret']]);
    if (process.platform === 'win32') return;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.path(), 'deep'))).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform === 'win32')(
    'follows a link, which stays one, and makes the file private',
    async () => {
      const real = await home.write('dotfiles/router.yaml', 'gateway:\n  url: wss://old.example/\n', 0o644);
      const link = join(home.path(), 'mcp-router.yaml');
      await symlink(real, link);
      expect(await save(link, store(), { url: NEW })).toEqual({ kind: 'saved' });
      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect(await readFile(real, 'utf8')).toContain(NEW);
      expect((await stat(real)).mode & 0o777).toBe(0o600);
    },
  );

  it('checks the file by itself, not with the overrides of this process', async () => {
    const path = join(home.path(), 'c.yaml');
    const answer = await save(path, store(), { url: 'http://x/' }, { MCP_GATEWAY_URL: 'wss://env.example/' });
    expect(answer).toMatchObject({ kind: 'refused', code: 'config-invalid', field: 'url' });
  });

  it.each([
    [{ url: 'ws://gateway.example.com/' }, 'url', 'config-invalid'],
    [{ url: '' }, 'url', 'config-invalid'],
    [{ url: 'wss://u:sk-secret@x/' }, 'url', 'config-invalid'],
    [{ url: NEW, token: 'two words' }, 'token', 'credential-malformed'],
    [{ url: NEW, token: '' }, 'token', 'credential-malformed'],
  ])('refuses %j at its field and changes nothing', async (input, field, code) => {
    const path = await home.write('c.yaml', '# mine\n');
    const secrets = store();
    const answer = await save(path, secrets, input);
    expect(answer).toMatchObject({ kind: 'refused', field, code });
    expect(JSON.stringify(answer)).not.toContain('sk-secret');
    expect(await readFile(path, 'utf8')).toBe('# mine\n');
    expect(secrets.stored.size).toBe(0);
  });

  it('changes nothing when the keychain does not take the token', async () => {
    const path = await home.write('c.yaml', '# mine\n');
    const answer = await save(path, store({ kind: 'locked', reason: 'locked' }), { url: NEW, token: 'sk-1' });
    expect(answer).toMatchObject({ kind: 'refused', code: 'keychain-locked', field: 'token' });
    expect(await readFile(path, 'utf8')).toBe('# mine\n');
  });

  it.skipIf(process.platform === 'win32')('says why it may not touch a file', async () => {
    const path = await home.write('open/c.yaml', '');
    await chmod(join(home.path(), 'open'), 0o777);
    expect(await save(path, store(), { url: NEW })).toMatchObject({
      kind: 'refused',
      code: 'config-unreadable',
      message: containing('chmod go-w'),
    });
  });
});
