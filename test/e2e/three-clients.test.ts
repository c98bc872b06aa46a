import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { startGateway } from '../support/gateway/gateway';
import { ModernServer } from '../support/modern-server';
import { inspector, modernHttpClient, sdkClient } from '../support/real-clients';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';

interface Upstream {
  readonly url: string;
  /** The text with which its tool `echo` answers. */
  readonly echoOf: (message: string) => string;
  readonly stop: () => Promise<void>;
}

async function everything(): Promise<Upstream> {
  const gateway = await startGateway({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
  return { url: gateway.url, echoOf: (message) => `Echo: ${message}`, stop: () => gateway.stop() };
}

async function bothEras(): Promise<Upstream> {
  const server = await ModernServer.start('stateless');
  return {
    url: server.http.urlFor(),
    echoOf: (message) => JSON.stringify({ message }),
    stop: () => server.stop(),
  };
}

let desk: Desk;
let upstream: Upstream | undefined;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
});

afterEach(async () => {
  await desk.close();
  await upstream?.stop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What clients give the programs that they start, and the folder of the login. */
const environment = (): Record<string, string> => {
  const { home, environment: own } = desk.session;
  return { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: own['XDG_RUNTIME_DIR'] ?? '' };
};

/** Writes the configuration, and makes a token for a client over HTTP. */
async function prepare(url: string, address: string): Promise<string> {
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = [
    `gateway: { url: '${url}', auth: { type: none } }`,
    `local: { http: { enabled: true, address: '${address}' } }`,
  ].join('\n');
  await writeFile(join(folder, 'mcp-router.yaml'), `${text}\n`, { mode: 0o600 });
  const program = [resolve('out/cli/mcp-router.js'), 'clients', 'token', 'add', 'sdk-v2'];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env: environment() });
  return stdout.trim();
}

it.each([
  { behind: 'a gateway with server-everything', start: everything, version: '2025-11-25' },
  { behind: 'a server of both eras', start: bothEras, version: '2026-07-28' },
])(
  'three real clients at the same time through one running app, behind it $behind',
  async ({ start, version }) => {
    upstream = await start();
    const address = `127.0.0.1:${String(await freePort())}`;
    const token = await prepare(upstream.url, address);
    await desk.startHidden();
    const url = new URL(`http://${address}/mcp`);
    await expect
      .poll(async () =>
        fetch(url).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(401);
    const env = environment();
    const [sdk, modern] = await Promise.all([sdkClient(env), modernHttpClient(url, token)]);
    expect(modern.version).toBe(version);
    const clients = [sdk, modern, inspector(env)];
    for (const round of ['one', 'two']) {
      const answers = clients.map(async ({ name, echo }) => {
        const message = `${name}-${round}`;
        expect(await echo(message)).toEqual([{ type: 'text', text: upstream?.echoOf(message) }]);
      });
      await Promise.all(answers);
    }
    await Promise.all(clients.map((client) => client.close()));
  },
);
