import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packedApp } from '../../scripts/pack/packed-app.mjs';
import type { DesktopSession } from '../support/desktop-app';
import { hasSandboxWhenPacked, startDesktopSession } from '../support/desktop-app';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import type { ClientEntry } from '../support/real-clients';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const { executablePath } = packedApp();

let session: DesktopSession;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
  session = await startDesktopSession('unlocked');
  const folder = join(session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = [
    'gateway:',
    `  url: ${gateway.url}`,
    '  auth: { type: none }',
    'metrics: { enabled: false }',
  ];
  await writeFile(join(folder, 'mcp-router.yaml'), `${lines.join('\n')}\n`, { mode: 0o600 });
  await mkdir(join(session.home, '.cursor'), { mode: 0o700 });
});

afterEach(async () => {
  await session.close();
  await gateway.stop();
});

/** What a client gives the programs that it starts: no display, no session bus, and no Node on the PATH. */
const bare = (): Record<string, string> => ({
  PATH: '/nowhere',
  HOME: session.home,
  XDG_RUNTIME_DIR: session.environment['XDG_RUNTIME_DIR'] ?? '',
});

const start = (args: readonly string[], env = bare()): ReturnType<typeof spawn> =>
  spawn(executablePath, args, { env, stdio: 'pipe' });

/** Runs to the end with nothing on stdin. */
async function run(
  args: readonly string[],
  env = bare(),
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = start(args, env);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const parts: string[] = [];
    stream?.on('data', (part) => parts.push(String(part)));
    return parts;
  });
  child.stdin?.end();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: stdout?.join('') ?? '', stderr: stderr?.join('') ?? '' };
}

const cursorFile = z.strictObject({
  mcpServers: z.strictObject({
    gateway: z.strictObject({ command: z.string(), args: z.array(z.string()) }),
  }),
});

/** Connects a client with the packed app, and reads what a client would start. */
async function connectedEntry(env = bare()): Promise<ClientEntry> {
  const { code, stderr } = await run(['--stdio', 'clients', 'connect', 'cursor', '--yes'], env);
  expect(code, stderr).toBe(0);
  const text = await readFile(join(session.home, '.cursor', 'mcp.json'), 'utf8');
  const { gateway: entry } = cursorFile.parse(JSON.parse(text)).mcpServers;
  expect(entry.args).toEqual(['--stdio']);
  return entry;
}

/** The processes that live and are called like this one or belong below it. */
async function processesOf(root: number): Promise<readonly { pid: number; command: string }[]> {
  const all = new Map<number, { parent: number; isThere: boolean; command: string }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = (file: string): Promise<string> => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '');
    const [state = 'Z', parent = '0'] = (await text('stat')).replace(/^.*\) /s, '').split(' ');
    const command = (await text('cmdline')).replaceAll('\0', ' ');
    all.set(Number(name), { parent: Number(parent), isThere: state !== 'Z', command });
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (all.has(pid) && isBelow(all.get(pid)?.parent ?? 0));
  return [...all].flatMap(([pid, { isThere, command }]) =>
    isThere && pid !== 0 && isBelow(pid) ? [{ pid, command }] : [],
  );
}

const isGone = (pid: number): boolean => !existsSync(`/proc/${String(pid)}/exe`);

interface Started {
  readonly client: Client;
  readonly pid: number;
  /** What came on stdout and was no message. */
  readonly faults: readonly Error[];
  said(): string;
  /** Resolves when this stands on stderr. */
  untilSaid(text: string): Promise<void>;
}

/** As MCP clients do it. */
async function startEntry({ command, args }: ClientEntry): Promise<Started> {
  const transport = new StdioClientTransport({ command, args: [...args], env: bare(), stderr: 'pipe' });
  let text = '';
  transport.stderr?.on('data', (part) => (text += String(part)));
  const client = new Client({ name: 'sdk-v1', version: '1' });
  const faults: Error[] = [];
  client.onerror = (error) => faults.push(error);
  await client.connect(transport);
  const untilSaid = (expected: string): Promise<void> => expect.poll(() => text).toContain(expected);
  return { client, pid: transport.pid ?? 0, faults, said: () => text, untilSaid };
}

async function work(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('echo');
  const { content } = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
  expect(content).toEqual([{ type: 'text', text: 'Echo: hello' }]);
}

describe.runIf(hasSandboxWhenPacked())('the packed app with --stdio', () => {
  it('SEC-100 SEC-82 is what a connected client starts: without display, Node or window, and nothing of it stays', async () => {
    const entry = await connectedEntry();
    expect(entry.command).toBe(executablePath);
    const { client, pid, faults, untilSaid } = await startEntry(entry);
    await untilSaid('runs its own engine, because no router listens');
    await work(client);
    const processes = await processesOf(pid);
    expect(processes.length).toBeGreaterThan(0);
    const kinds = processes.map(({ command }) => /--type=(\S+)/.exec(command)?.[1] ?? 'main');
    expect(kinds.filter((kind) => kind !== 'zygote')).toEqual(['main']);
    await client.close();
    await expect.poll(() => processes.filter((one) => !isGone(one.pid))).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('of an AppImage starts the file that the user keeps', async () => {
    const image = join(session.home, 'MCP Router.AppImage');
    await writeFile(image, `#!/bin/sh\nexec '${executablePath}' "$@"\n`);
    await chmod(image, 0o755);
    const entry = await connectedEntry({ ...bare(), APPDIR: dirname(executablePath), APPIMAGE: image });
    expect(entry.command).toBe(image);
    const { client, faults } = await startEntry(entry);
    await work(client);
    await client.close();
    expect(faults).toEqual([]);
  });

  it('is served by the app that runs, which goes on', async () => {
    const app = start(['--hidden'], { ...stringsOf(process.env), ...session.environment });
    await gateway.until('connected', ({ connections }) => connections.length === 1, 30_000);
    const entry = await connectedEntry();
    const [first, second] = await Promise.all([startEntry(entry), startEntry(entry)]);
    await Promise.all([
      first.untilSaid('attached to the router on'),
      second.untilSaid('attached to the router on'),
    ]);
    await Promise.all([work(first.client), work(second.client)]);
    await Promise.all([first.client.close(), second.client.close()]);
    expect([...first.faults, ...second.faults]).toEqual([]);
    await expect.poll(() => gateway.connections.length).toBe(1);
    app.kill('SIGTERM');
    expect(await once(app, 'exit')).toEqual([0, null]);
  });

  it.each([
    [['--version'], 0, /^\d+\.\d+\.\d+/, /^$/],
    [['--no-such'], 64, /^$/, /Unknown option '--no-such'/],
    [['--attach-only', '--standalone'], 64, /^$/, /exclude each other/],
    [['--config', '/nowhere/x.yaml'], 1, /^$/, /\/nowhere\/x\.yaml/],
    [['--attach-only', '--wait', '0'], 0, /^$/, /waits for a router/],
    [['config', 'check'], 0, /gateway\.url/, /^/],
  ])('has the exit code of the command line: %j', async (args, code, stdout, stderr) => {
    const ended = await run(['--stdio', ...args]);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toMatch(stdout);
    expect(ended.stderr.replace(/^\[\d+:.*\n/gm, '')).toMatch(stderr);
  });

  it('ends on SIGTERM, and lets go of the gateway', async () => {
    const child = start(['--stdio']);
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    };
    child.stdin?.write(`${JSON.stringify(hello)}\n`);
    const first = await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(JSON.parse(String(first))).toMatchObject({ id: 1, result: {} });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await gateway.until('closed', ({ recording }) => recording.closes.length === 1);
  });

  it.each([
    ['--stdio', '--remote-debugging-port=0'],
    ['--inspect=0', '--stdio'],
    ['--stdio', '--js-flags=--expose-gc'],
  ])('SEC-100 refuses to start with %s %s', async (...args) => {
    const { code, stdout } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(gateway.recording.upgrades).toEqual([]);
  });
});

const stringsOf = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
