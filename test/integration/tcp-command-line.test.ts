import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { startTcpGateway, type TcpGateway } from '../support/gateway/tcp-gateway';
import type { TcpGatewayOptions } from '../support/gateway/tcp-settings';
import { emptyEnvironment, RouterProcess, TemporaryHome } from '../support/router-process';
import { TCP_TOKEN } from '../support/tcp-bench';

const authority = createAuthority('TCP command line authority');
const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const CLI = 'out/cli/mcp-router.js';

let home: TemporaryHome;
let gateway: TcpGateway;
let caPath: string;

beforeEach(() => {
  home = new TemporaryHome();
  caPath = home.write('ca.pem', authority.certificatePem, 0o644);
});

afterEach(async () => {
  await gateway.stop();
  home.remove();
});

const start = async (options: TcpGatewayOptions): Promise<void> => {
  gateway = await startTcpGateway({
    tls: authority.issueServer({ hosts: ['localhost'] }),
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    ...options,
  });
};

/** A configuration file for the TLS gateway; `more` are YAML lines of the gateway block. */
const config = (more: readonly string[], scheme = 'tcps'): string =>
  home.write(
    'router.yaml',
    [
      'gateway:',
      `  url: ${gateway.urlFor('localhost').replace('tcps:', `${scheme}:`)}`,
      `  tls: { ca_cert_path: ${caPath} }`,
      ...more.map((line) => `  ${line}`),
      '',
    ].join('\n'),
  );

async function roundTrip(path: string): Promise<void> {
  const variables = Object.entries(emptyEnvironment(home.path, { MY_TOKEN: TCP_TOKEN })).flatMap(
    ([name, value]) => (value === undefined ? [] : [[name, value] as const]),
  );
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, '--config', path],
    env: Object.fromEntries(variables),
    stderr: 'pipe',
  });
  const client = new Client({ name: 'sdk client', version: '1.0.0' });
  try {
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(5);
    const answer = await client.callTool({ name: 'echo', arguments: { message: 'through TCP' } });
    expect(answer.content).toEqual([{ type: 'text', text: 'Echo: through TCP' }]);
  } finally {
    await client.close();
  }
  expect(gateway.connectionCount).toBe(1);
}

describe('a real SDK client through mcp-router and TLS on a bare socket to server-everything', () => {
  const tokens = [TCP_TOKEN];

  it('SEC-31 with the token in the sign-in', async () => {
    await start({ mode: 'documented', tokens });
    await roundTrip(config(['auth: { token_env: MY_TOKEN }']));
    expect(gateway.framesOf(1)[0]?.text).toContain(TCP_TOKEN);
  });

  it('SEC-31 with the token in the wrapper', async () => {
    await start({ mode: 'live', tokens, duplex: true });
    await roundTrip(
      config(['auth: { token_env: MY_TOKEN }', 'tcp: { negotiate: offered, token_in: wrapper }'], 'tcp+tls'),
    );
    expect(gateway.framesOf(1).every(({ text }) => text.startsWith('{"auth_token":'))).toBe(true);
  });

  it('with no token', async () => {
    await start({ mode: 'live' });
    await roundTrip(config(['auth: { type: none }', 'tcp: { negotiate: off }']));
    expect(gateway.framesOf(6)).toEqual([]);
  });

  it('in dialect go-router', async () => {
    await start({ mode: 'go-router', tokens, duplex: true });
    await roundTrip(config(['auth: { token_env: MY_TOKEN }', 'tcp: { dialect: go-router }']));
  });
});

describe('mcp-router on TCP', () => {
  it('SEC-05 says a refused sign-in to the client and on stderr, without the token', async () => {
    await start({ mode: 'documented', tokens: ['another'] });
    const path = config(['auth: { token_env: MY_TOKEN }']);
    const router = new RouterProcess(home, { args: ['--config', path], env: { MY_TOKEN: TCP_TOKEN } });
    router.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await router.reply(1);
    await router.end();
    expect(router.parsed()).toMatchObject([{ id: 1, error: { data: { code: 'auth-failed' } } }]);
    expect(router.stderr).toContain('the sign-in was refused');
    expect(router.stderr + router.lines.join()).not.toContain(TCP_TOKEN);
  });

  it('SEC-10 keeps a session through kills of the gateway: one reply for each request', async () => {
    await start({ mode: 'documented', tokens: [TCP_TOKEN] });
    const path = config([
      'auth: { token_env: MY_TOKEN }',
      'connection: { reconnect: { initial_delay_ms: 20, max_delay_ms: 50 } }',
    ]);
    const router = new RouterProcess(home, { args: ['--config', path], env: { MY_TOKEN: TCP_TOKEN } });
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    router.send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params });
    expect(await router.reply('init')).toMatchObject({ result: { serverInfo: {} } });
    const call = (id: number): void => {
      const echo = { name: 'echo', arguments: { message: String(id) } };
      router.send({ jsonrpc: '2.0', id, method: 'tools/call', params: echo });
    };
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 4; index += 1) call(round * 10 + index);
      await gateway.restart();
      call(round * 10 + 9);
      await router.reply(round * 10 + 9);
    }
    expect(await router.end()).toBe(0);
    const ids = router.parsed().map(({ id }) => id);
    expect(ids).toHaveLength(1 + 5 * 5);
    expect(new Set(ids).size).toBe(ids.length);
    const last = router.parsed().filter(({ id }) => typeof id === 'number' && id % 10 === 9);
    expect(last.every((reply) => 'result' in reply)).toBe(true);
  });
});
