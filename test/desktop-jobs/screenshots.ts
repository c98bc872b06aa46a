import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { SocketTransport } from '../demo/socket-transport';
import { createAuthority } from '../support/certificates';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { signToken } from '../support/gateway/tokens';
import type { PageTitle } from '../support/router-window';
import { takeScreenshot } from '../support/screenshot';

/** Of every picture, in CSS pixels. */
const SIZE = { width: 1100, height: 780 } as const;
/** So that the charts of the overview, which show five minutes, have something to show. */
const TRAFFIC_MS = 300_000;
const TOKEN_DAYS = 64;
/** What stands in the pictures as the folder of the person; made, and removed at the end. */
const HOME = '/tmp/home-ada';
const EVERYTHING = '@modelcontextprotocol/server-everything/dist/index.js';
const secret = randomBytes(32).toString('base64url');

let desk: Desk;
let gateway: Gateway;
let running: RunningApp;
const stopping = new AbortController();
const clients: Promise<void>[] = [];

beforeAll(async () => {
  const notAfter = new Date(Date.now() + 90 * 86_400_000);
  const authority = createAuthority('Example Corp CA', { notAfter });
  gateway = await startGateway({
    tls: authority.issueServer({ hosts: ['localhost', '127.0.0.1'], notAfter }),
    auth: { kind: 'jwt', secret },
    duplex: true,
    remembers: 'nothing',
    backend: {
      kind: 'stdio',
      command: process.execPath,
      args: [createRequire(import.meta.url).resolve(EVERYTHING), 'stdio'],
    },
  });
  await mkdir(HOME, { mode: 0o700 });
  desk = await setUpDesk('unlocked', HOME);
  await furnish(HOME, authority.certificatePem);
  running = await desk.start();
  await running.app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, SIZE);
});

afterAll(async () => {
  stopping.abort();
  await Promise.all(clients);
  await desk.close();
  await gateway.stop();
  await rm(HOME, { recursive: true, force: true });
});

const socketPath = (): string => join(HOME, 'router.sock');

/** The home of a person who has used the router for a while. */
async function furnish(home: string, authorityPem: string): Promise<void> {
  const folder = join(home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const inFolder = (name: string, text: string): Promise<void> =>
    writeFile(join(folder, name), text, { mode: 0o600 });
  await inFolder('gateway-ca.pem', authorityPem);
  await inFolder(
    'mcp-router.yaml',
    [
      'gateway:',
      `  url: ${gateway.urlFor('localhost')}`,
      '  auth: { type: bearer, token_secure_key: gateway }',
      `  tls: { ca_cert_path: ${join(folder, 'gateway-ca.pem')} }`,
      'local:',
      `  socket: { enabled: true, path: ${socketPath()} }`,
      '  rate_limit: { enabled: true, requests_per_second: 20, burst: 12 }',
      'logging:',
      '  audit: { enabled: true, include_requests: true }',
      'security:',
      '  rotation_days: 90',
      '',
    ].join('\n'),
  );
  for (const [path, text] of [
    ['.cursor/mcp.json', '{ "mcpServers": {} }\n'],
    ['.codex/config.toml', 'model = "o3"\n'],
    ['.gemini/settings.json', '{}\n'],
  ] as const) {
    await mkdir(join(home, path, '..'), { recursive: true });
    await writeFile(join(home, path), text);
  }
}

/** A session with the router, under a name. */
async function attach(name: string): Promise<Client> {
  const client = new Client({ name, version: '1.0.0' });
  await client.connect(new SocketTransport(socketPath()));
  return client;
}

/** A client that asks for too much at once. */
async function askTooMuch(): Promise<void> {
  const client = await attach('nightly-report');
  await Promise.allSettled(Array.from({ length: 18 }, () => client.ping()));
  await client.close();
}

const call = (client: Client, name: string, args: Record<string, unknown>): Promise<unknown> =>
  client.callTool({ name, arguments: args });
/** Between 0 and 1, the same in each run. */
const wave = (turn: number): number => (Math.sin(turn / 9) + Math.sin(turn / 3.7) + 2) / 4;

/** Works like an assistant that is used: more at times, less at others, with answers that take their time. */
async function work(name: string, pauseMs: number): Promise<void> {
  const client = await attach(name);
  for (let turn = pauseMs % 7; !stopping.signal.aborted; turn += 1) {
    const steps: readonly (() => Promise<unknown>)[] = [
      () => client.listTools(),
      () => call(client, 'trigger-long-running-operation', { duration: 0.02 + 0.12 * wave(turn), steps: 1 }),
      () => call(client, 'echo', { message: 'Good morning' }),
      () => call(client, 'trigger-long-running-operation', { duration: 0.01 + 0.05 * wave(turn), steps: 1 }),
      () => call(client, 'get-sum', { a: 19, b: 23 }),
      () => client.listResources(),
    ];
    await steps[turn % steps.length]?.().catch(() => undefined);
    await pause(pauseMs * (0.4 + 2 * wave(turn)), undefined, { signal: stopping.signal }).catch(
      () => undefined,
    );
  }
  await client.close();
}

/** A picture of what is shown in light and dark, from the top. */
async function picture(name: string): Promise<void> {
  const { page } = running.window;
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    await takeScreenshot(page, join('docs', theme === 'light' ? name : `${name}-dark`));
  }
}

/** What must be there before the picture is true. */
const settled: Readonly<Record<Exclude<PageTitle, 'Overview'>, (page: Page) => Locator>> = {
  Activity: (page) => page.getByText(/^Auth failed/).first(),
  Audit: (page) => page.getByRole('listbox').getByRole('option').first(),
  Connection: (page) => page.getByLabel('Gateway address'),
  Credentials: (page) => page.getByRole('heading', { level: 2 }).first(),
  Clients: (page) => page.getByText('Cursor').first(),
  Security: (page) => page.getByRole('heading', { level: 2 }).first(),
  Settings: (page) => page.getByLabel('Clients at once', { exact: true }),
};

it('takes a picture of each page', async () => {
  const { window } = running;
  await window.save({ token: await signToken(secret, { exp: 1 }) });
  await window.waitForState('Not connected');
  const exp = Math.floor(Date.now() / 1000) + TOKEN_DAYS * 86_400;
  await window.save({ token: await signToken(secret, { sub: 'ada', exp }) });
  await window.waitForState('Connected');
  const startedAt = Date.now();
  for (const [name, pauseMs] of [
    ['claude-code', 180],
    ['cursor-vscode', 420],
    ['codex-mcp-client', 900],
  ] as const) {
    clients.push(work(name, pauseMs));
  }
  await pause(15_000);
  await askTooMuch();
  for (const [title, isThere] of Object.entries(settled)) {
    await window.open(title as PageTitle); // the keys of the table
    await isThere(window.page).waitFor();
    await pause(1500);
    await picture(title.toLowerCase());
  }
  await pause(Math.max(0, TRAFFIC_MS - (Date.now() - startedAt)));
  await window.waitForState('Connected');
  await window.page.getByRole('img', { name: /^Answer time/ }).waitFor();
  await pause(3000);
  await picture('overview');
});
