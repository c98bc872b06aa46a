import { execFileSync } from 'node:child_process';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { keyring, onSessionBus } from '../support/keyring-session';
import { emptyEnvironment, RouterProcess, TemporaryHome } from '../support/router-process';

const authority = createAuthority('Command line authority');
const TOKEN = 'cli-token-0123456789';
const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const CLI = 'out/cli/mcp-router.js';

let home: TemporaryHome;
let gateway: Gateway;
let caPath: string;

/** A configuration file for the TLS gateway; `auth` and `local` are YAML lines of their blocks. */
function config(auth: string, more = ''): string {
  return home.write(
    'router.yaml',
    `gateway:
  url: ${gateway.urlFor('localhost')}
  auth:
    type: bearer
${auth}
  tls: { ca_cert_path: ${caPath} }
${more}`,
  );
}

beforeEach(async () => {
  home = new TemporaryHome();
  caPath = home.write('ca.pem', authority.certificatePem, 0o644);
  gateway = await startGateway({
    tls: authority.issueServer({ hosts: ['localhost', '127.0.0.1'] }),
    auth: { kind: 'tokens', tokens: [TOKEN] },
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
});

afterEach(async () => {
  await gateway.stop();
  home.remove();
});

describe('a real SDK client through mcp-router, TLS and the gateway to server-everything', () => {
  async function roundTrip(
    command: readonly [string, ...string[]],
    env: Record<string, string> = {},
  ): Promise<void> {
    const [program, ...args] = command;
    const variables = Object.entries(emptyEnvironment(home.path, env)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const transport = new StdioClientTransport({
      command: program,
      args,
      env: Object.fromEntries(variables),
      stderr: 'pipe',
    });
    const client = new Client({ name: 'sdk client', version: '1.0.0' });
    try {
      await client.connect(transport);
      const { tools } = await client.listTools();
      expect(tools.length).toBeGreaterThan(5);
      const answer = await client.callTool({ name: 'echo', arguments: { message: 'through the router' } });
      expect(answer.content).toEqual([{ type: 'text', text: 'Echo: through the router' }]);
    } finally {
      await client.close();
    }
    expect(
      gateway.recording.upgrades.map(({ status, hasAuthorization }) => [status, hasAuthorization]),
    ).toEqual([[101, true]]);
  }

  it('with the token from the environment', async () => {
    const path = config('    token_env: MY_TOKEN');
    await roundTrip([process.execPath, CLI, '--config', path], { MY_TOKEN: TOKEN });
  });

  it('with the token from a file', async () => {
    const token = home.write('token', `${TOKEN}\n`);
    await roundTrip([process.execPath, CLI, '--config', config(`    token_file: ${token}`)]);
  });

  it.skipIf(process.platform !== 'linux')(
    'with the token from the keychain, put there by token set',
    async () => {
      const path = config('    token_secure_key: gateway');
      const node = process.execPath;
      const store = `printf '%s' "$TOKEN_TO_STORE" | ${node} ${CLI} token set gateway >&2; unset TOKEN_TO_STORE;`;
      const line = `${keyring.unlocked} ${store} exec ${node} ${CLI} --config ${path}`;
      await roundTrip(onSessionBus(home.path, line), { TOKEN_TO_STORE: TOKEN });
    },
  );
});

describe('what goes wrong is said clearly, and each request gets one reply', () => {
  /** Sends one request, closes stdin, and gives back what came. */
  async function ask(
    path: string,
    env: Record<string, string> = {},
    line: object | string = { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  ): Promise<{
    readonly replies: readonly Record<string, unknown>[];
    readonly stderr: string;
    readonly code: number | null;
  }> {
    const router = new RouterProcess(home, { args: ['--config', path], env });
    router.send(line);
    const code = await router.end();
    return { replies: router.parsed(), stderr: router.stderr, code };
  }

  const matching = (words: RegExp): unknown => expect.stringMatching(words);
  const errorOf = (code: string, words: RegExp): object => ({
    error: { message: matching(words), data: { code } },
  });

  it('a missing token', async () => {
    const { replies, stderr, code } = await ask(config('    token_env: MY_TOKEN'));
    expect(replies).toMatchObject([
      { id: 1, ...errorOf('credential-missing', /No token was found.*MY_TOKEN/) },
    ]);
    expect(replies).toHaveLength(1);
    expect(stderr).toMatch(/auth failed/);
    expect(code).toBe(0);
  });

  it('a wrong token', async () => {
    const { replies, stderr } = await ask(config('    token_env: MY_TOKEN'), {
      MY_TOKEN: 'wrong-token-value',
    });
    expect(replies).toMatchObject([{ id: 1, ...errorOf('auth-failed', /refused the credential.*401/) }]);
    expect(stderr).toMatch(/auth.*fail/);
    expect(stderr).not.toContain('wrong-token-value');
  });

  it('an untrusted certificate', async () => {
    caPath = home.write('ca.pem', createAuthority('Somebody else').certificatePem, 0o644);
    const { replies } = await ask(config('    token_env: MY_TOKEN'), { MY_TOKEN: TOKEN });
    expect(replies).toMatchObject([
      { id: 1, ...errorOf('certificate-rejected', /certificate is not trusted/) },
    ]);
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it('a token file that others can read, with the command that mends it', async () => {
    const token = home.write('token', TOKEN, 0o644);
    const { replies } = await ask(config(`    token_file: ${token}`));
    expect(replies).toMatchObject([{ id: 1, ...errorOf('credential-file-refused', /chmod 600 /) }]);
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it('a gateway that is not there', async () => {
    const path = config('    token_env: MY_TOKEN', 'local: { request_timeout_ms: 300 }\n');
    await gateway.stop();
    const { replies } = await ask(path, { MY_TOKEN: TOKEN });
    expect(replies).toMatchObject([
      {
        id: 1,
        error: {
          message: matching(/cannot be reached.*nothing listens/),
          data: { code: 'gateway-unreachable', retryable: true },
        },
      },
    ]);
  });

  it('a line that is not JSON', async () => {
    const { replies } = await ask(config('    token_env: MY_TOKEN'), { MY_TOKEN: TOKEN }, '{"jsonrpc": oops');
    expect(replies).toMatchObject([{ id: null, error: { code: -32700, data: { code: 'parse-failed' } } }]);
  });

  it('a message of 2 MiB', async () => {
    const big = {
      jsonrpc: '2.0',
      id: 'big',
      method: 'tools/call',
      params: { filler: 'x'.repeat(2 * 1024 * 1024) },
    };
    const { replies } = await ask(config('    token_env: MY_TOKEN'), { MY_TOKEN: TOKEN }, big);
    expect(replies).toMatchObject([
      { id: 'big', ...errorOf('message-too-large', /max_message_bytes.*1048576/) },
    ]);
  });

  it('a configuration that is wrong: the client is told what, and so is stderr', async () => {
    const path = home.write('router.yaml', 'gateway:\n  urll: wss://gateway.example\n');
    const { replies, stderr, code } = await ask(path);
    expect(replies).toMatchObject([{ id: 1, ...errorOf('config-invalid', /gateway\.urll.*gateway\.url/) }]);
    expect(stderr).toContain('gateway.urll');
    expect(code).toBe(1);
  });

  it('a configuration that is not there', async () => {
    const { replies, code } = await ask(`${home.path}/none.yaml`);
    expect(replies).toMatchObject([{ id: 1, ...errorOf('config-invalid', /does not exist/) }]);
    expect(code).toBe(1);
  });

  it('arguments that nobody knows', () => {
    expect(() => execFileSync(process.execPath, [CLI, 'dance'], { stdio: 'pipe' })).toThrow(
      /unknown command "dance"/,
    );
  });
});

describe('the life of the process', () => {
  it('SEC-05 keeps stdout for the protocol and the token out of everything', async () => {
    const path = config('    token_env: MY_TOKEN', 'logging: { level: debug }\n');
    const router = new RouterProcess(home, { args: ['-c', path], env: { MY_TOKEN: TOKEN } });
    router.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    });
    await router.reply(1);
    expect(await router.end()).toBe(0);
    for (const line of router.lines) expect(() => void JSON.parse(line)).not.toThrow();
    expect(router.stderr).toMatch(/connected/);
    expect(router.lines.join('\n') + router.stderr).not.toContain(TOKEN);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains on %s, says goodbye to the gateway and exits 0',
    async (signal) => {
      const router = new RouterProcess(home, {
        args: ['-c', config('    token_env: MY_TOKEN')],
        env: { MY_TOKEN: TOKEN },
      });
      router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
      await gateway.until('the request', ({ recording }) => recording.requests('ping').length === 1);
      router.child.kill(signal);
      expect(await router.exited).toBe(0);
      expect(router.parsed().map(({ id }) => id)).toEqual([1]);
      await gateway.until('the goodbye', ({ recording }) => recording.closes.length === 1);
      expect(gateway.recording.closes[0]?.code).toBe(1000);
    },
  );

  it('reads the token again on SIGHUP, and the request in flight is answered', async () => {
    const token = home.write('token', TOKEN);
    const router = new RouterProcess(home, { args: ['-c', config(`    token_file: ${token}`)] });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.reply(1);
    gateway.reconfigure({ auth: { kind: 'tokens', tokens: ['cli-token-second'] } });
    home.write('token', 'cli-token-second');
    router.child.kill('SIGHUP');
    await gateway.until('a second connection', ({ recording }) => recording.upgrades.length === 2);
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect(await router.reply(2)).toHaveProperty('result');
    expect(gateway.recording.upgrades.map(({ status }) => status)).toEqual([101, 101]);
    await router.end();
  });

  it('keeps running on a bad file after SIGHUP, and says so', async () => {
    const path = config('    token_env: MY_TOKEN');
    const router = new RouterProcess(home, { args: ['-c', path], env: { MY_TOKEN: TOKEN } });
    router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await router.reply(1);
    home.write('router.yaml', 'gateway: [');
    router.child.kill('SIGHUP');
    await router.until('the complaint', () => router.stderr.includes('the last good one stays'));
    router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect(await router.reply(2)).toHaveProperty('result');
    await router.end();
  });

  it('serves when nothing is on stdin, and says so', async () => {
    const router = new RouterProcess(home, {
      args: ['serve', '-c', config('    token_env: MY_TOKEN')],
      env: { MY_TOKEN: TOKEN },
    });
    await gateway.until('the keeper', ({ connections }) => connections.length === 1);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  });

  it('SEC-18 serves the local socket to this user', async () => {
    const folder = `${home.path}/run`;
    const path = config(
      '    token_env: MY_TOKEN',
      `local: { socket: { enabled: true, path: ${folder}/router.sock } }\n`,
    );
    const router = new RouterProcess(home, { args: ['serve', '-c', path], env: { MY_TOKEN: TOKEN } });
    await router.until('the socket', () => router.stderr.includes('listening'));
    const second = new RouterProcess(home, { args: ['serve', '-c', path], env: { MY_TOKEN: TOKEN } });
    await second.until('the word', () => second.stderr.includes('another router listens'));
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  });
});
