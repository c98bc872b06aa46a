import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { CLIENT_SECRET, IdentityProvider, RESOURCE } from '../support/identity-provider';
import { keyring, onSessionBus } from '../support/keyring-session';
import { ChangeSignal } from '../support/change-signal';
import { ScriptedBrowser } from '../support/scripted-browser';
import { openKeyring } from '../support/open-keyring';
import { emptyEnvironment, RouterProcess, TemporaryHome } from '../support/router-process';

const gatewayAuthority = createAuthority('Gateway authority');
const providerAuthority = createAuthority('Identity provider authority');
const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const CLI = 'out/cli/mcp-router.js';

let home: TemporaryHome;
let gateway: Gateway;
let provider: IdentityProvider;

beforeEach(async () => {
  home = new TemporaryHome();
  home.write('gateway-ca.pem', gatewayAuthority.certificatePem, 0o644);
  home.write('idp-ca.pem', providerAuthority.certificatePem, 0o644);
  provider = await IdentityProvider.start({ tls: providerAuthority.issueServer({ hosts: ['localhost'] }) });
  gateway = await startGateway({
    tls: gatewayAuthority.issueServer({ hosts: ['localhost'] }),
    auth: provider.gatewayAuth,
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
});

afterEach(async () => {
  await gateway.stop();
  await provider.stop();
  home.remove();
});

function config(more = ''): string {
  return home.write(
    'router.yaml',
    `gateway:
  url: ${gateway.urlFor('localhost')}
  auth:
    type: oauth2
    client_id: "service"
    client_secret_env: OAUTH_CLIENT_SECRET
    token_endpoint: "${provider.tokenEndpoint}"
    scopes: ["mcp:read", "mcp:write"]
    tls: { ca_cert_path: ${home.path}/idp-ca.pem }
  tls: { ca_cert_path: ${home.path}/gateway-ca.pem }
${more}`,
  );
}

const secret = { OAUTH_CLIENT_SECRET: CLIENT_SECRET };

describe('mcp-router with OAuth2 client credentials', () => {
  it('takes a real SDK client through TLS to server-everything', async () => {
    const variables = Object.entries(emptyEnvironment(home.path, secret)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [CLI, '--config', config()],
      env: Object.fromEntries(variables),
      stderr: 'pipe',
    });
    const client = new Client({ name: 'sdk client', version: '1.0.0' });
    try {
      await client.connect(transport);
      const answer = await client.callTool({ name: 'echo', arguments: { message: 'through the router' } });
      expect(answer.content).toEqual([{ type: 'text', text: 'Echo: through the router' }]);
    } finally {
      await client.close();
    }
    expect(provider.exchanges).toMatchObject([{ status: 200, parameters: { scope: 'mcp:read mcp:write' } }]);
    expect(gateway.recording.upgrades.map(({ status }) => status)).toEqual([101]);
  });

  it('SEC-40 shows neither secret nor token on stdout, in the log or in argv', async () => {
    const path = config('logging: { level: debug }\n');
    const router = new RouterProcess(home, { args: ['-c', path], env: secret });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.reply(1);
    const argv = readFileSync(`/proc/${String(router.child.pid)}/cmdline`, 'utf8');
    expect(await router.end()).toBe(0);
    const said = router.lines.join('\n') + router.stderr + argv;
    expect(router.stderr).toContain('token received');
    const { access_token: token } = provider.answers[0] ?? {};
    expect(token).toMatch(/^eyJ/);
    for (const canary of [CLIENT_SECRET, Buffer.from(CLIENT_SECRET).toString('base64'), String(token)]) {
      expect(said).not.toContain(canary);
    }
  });

  it('SEC-40 a refusal shows neither the secret nor what the provider said', async () => {
    const router = new RouterProcess(home, {
      args: ['-c', config('logging: { level: debug }\n')],
      env: { OAUTH_CLIENT_SECRET: 'canary-wrong-secret' },
    });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const reply = await router.reply(1);
    await router.end();
    expect(reply).toMatchObject({ error: { data: { code: 'oauth-refused', retryable: false } } });
    expect(router.stderr).toMatch(/auth.*fail/);
    const said = JSON.stringify(reply) + router.stderr;
    expect(said).not.toContain('canary');
    expect(said).not.toContain('client authentication failed');
  });

  it('asks again on SIGHUP, with the secret of that moment', async () => {
    const path = config();
    const text = readFileSync(path, 'utf8');
    const file = home.write('secret', 'wrong');
    const changed = text.replace('client_secret_env: OAUTH_CLIENT_SECRET', `client_secret_file: ${file}`);
    home.write('router.yaml', changed);
    const router = new RouterProcess(home, { args: ['-c', path] });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect(await router.reply(1)).toMatchObject({ error: { data: { code: 'oauth-refused' } } });
    home.write('secret', CLIENT_SECRET);
    router.child.kill('SIGHUP');
    await router.until('the connection', () => gateway.connections.length === 1);
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect(await router.reply(2)).toHaveProperty('result');
    await router.end();
  });
});

describe.skipIf(process.platform !== 'linux')('mcp-router sign-in', () => {
  it('signs a person in, and the router connects with what is in the keychain', async () => {
    const path = home.write(
      'router.yaml',
      `gateway:
  url: ${gateway.urlFor('localhost')}
  auth:
    type: oauth2
    grant_type: authorization_code
    issuer: "${provider.issuer}"
    client_id: native
    resource: ${RESOURCE}
    scopes: ["mcp:read"]
    tls: { ca_cert_path: ${home.path}/idp-ca.pem }
  tls: { ca_cert_path: ${home.path}/gateway-ca.pem }
`,
    );
    const run = `${process.execPath} ${CLI}`;
    const line = `${keyring.unlocked} ${run} sign-in --no-browser -c ${path} >&2; exec ${run} -c ${path}`;
    const [program, ...args] = onSessionBus(home.path, line);
    const child = spawn(program, args, { env: emptyEnvironment(home.path), stdio: 'pipe' });
    const changes = new ChangeSignal();
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      said.stdout += chunk.toString();
      changes.changed();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.stderr += chunk.toString();
      changes.changed();
    });
    const address = (): string | undefined => /^https:\S+$/m.exec(said.stderr)?.[0];
    await changes.until('the address', () => address() !== undefined);
    await new ScriptedBrowser(providerAuthority.certificatePem).signIn(address() ?? '');
    child.stdin.end('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    await changes.until('the reply', () => said.stdout.includes('\n'));
    expect(said.stdout).toContain('"result"');
    expect(said.stderr).toContain(`Signed in at ${provider.issuer} as client native.`);
    const tokens = provider.answers.flatMap((answer) => [answer['access_token'], answer['refresh_token']]);
    expect(tokens).toHaveLength(2);
    for (const token of tokens) expect(said.stdout + said.stderr).not.toContain(String(token));
    await once(child, 'exit');
  });

  it('SEC-59 is ended at the identity provider, and forgotten here, by lockdown --revoke', async () => {
    const path = home.write(
      'person.yaml',
      `gateway:
  url: ${gateway.urlFor('localhost')}
  auth:
    type: oauth2
    grant_type: authorization_code
    issuer: "${provider.issuer}"
    client_id: native
    resource: ${RESOURCE}
    scopes: ["mcp:read"]
    tls: { ca_cert_path: ${home.path}/idp-ca.pem }
  tls: { ca_cert_path: ${home.path}/gateway-ca.pem }
`,
    );
    const session = await openKeyring(home.path);
    const run = (...args: readonly string[]): RouterProcess =>
      new RouterProcess(home, { args: [...args, '-c', path], env: session.env });
    try {
      const signIn = run('sign-in', '--no-browser');
      const address = (): string | undefined => /^https:\S+$/m.exec(signIn.stderr)?.[0];
      await signIn.until('the address', () => address() !== undefined);
      await new ScriptedBrowser(providerAuthority.certificatePem).signIn(address() ?? '');
      expect(await signIn.exited).toBe(0);
      const lockdown = run('lockdown', '--revoke');
      expect(await lockdown.end()).toBe(0);
      expect(lockdown.lines.join('\n')).toContain('The identity provider has ended the tokens.');
      const again = run('lockdown', '--revoke');
      expect(await again.end()).toBe(0);
      expect(again.lines.join('\n')).toContain('Nobody was signed in.');
    } finally {
      await session.end();
    }
  });

  it('SEC-59 says what lockdown --revoke cannot revoke', async () => {
    const router = new RouterProcess(home, { args: ['lockdown', '--revoke', '-c', config()] });
    expect(await router.end()).toBe(1);
    expect(router.stderr).toContain('revoke the credential where it was issued');
  });

  it('says what is missing when the configuration is for something else', async () => {
    const router = new RouterProcess(home, { args: ['sign-in', '--no-browser', '-c', config()] });
    expect(await router.exited).toBe(1);
    expect(router.stderr).toContain('grant_type authorization_code');
  });
});

describe('config check on the OAuth2 fragment of the guide', () => {
  const guide = `gateway:
  url: wss://gateway.example.com:8443/
  auth:
    type: oauth2
    client_id: "mcp-client"
    client_secret_env: OAUTH_CLIENT_SECRET  # Never hardcode
    token_endpoint: "https://auth.example.com/token"
    scopes: ["mcp:read", "mcp:write"]  # Minimum required scopes
`;

  async function check(
    env: Record<string, string>,
  ): Promise<{ readonly code: number; readonly text: string }> {
    const path = home.write('guide.yaml', guide);
    const run = promisify(execFile);
    try {
      const { stdout } = await run(process.execPath, [CLI, 'config', 'check', '--config', path], {
        env: emptyEnvironment(home.path, env),
      });
      return { code: 0, text: stdout };
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || !('stdout' in error)) throw error;
      return { code: Number(error.code), text: String(error.stdout) };
    }
  }

  it('exits 0 with the secret, and names who asks whom', async () => {
    const { code, text } = await check(secret);
    expect(text).toContain('oauth2 mcp-client @ auth.example.com');
    expect(text).toMatch(/gateway\.auth\.scopes +mcp:read, mcp:write +line 8/);
    expect(text).not.toContain(CLIENT_SECRET);
    expect(code).toBe(0);
  });

  it('exits 2 without it, and says what is missing', async () => {
    const { code, text } = await check({});
    expect(text).toContain('OAUTH_CLIENT_SECRET is not set');
    expect(code).toBe(2);
  });
});
