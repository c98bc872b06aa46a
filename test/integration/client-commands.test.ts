import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { startGateway } from '../support/gateway/gateway';
import { RouterProcess, TemporaryHome } from '../support/router-process';

let home: TemporaryHome;

beforeEach(() => {
  home = new TemporaryHome();
  mkdirSync(join(home.path, '.cursor'), { mode: 0o700 });
});

afterEach(() => home.remove());

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const TOKEN = 'client-token-0123456789';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `mcp-router clients ...` in a home where only its own programs are found. */
async function clients(...args: readonly string[]): Promise<Ended> {
  const router = new RouterProcess(home, { args: ['clients', ...args], env: { PATH: '/nowhere' } });
  const code = await router.end();
  return { code, out: router.lines.join('\n'), err: router.stderr };
}

const rowShape = z.array(z.object({ id: z.string(), state: z.object({ kind: z.string() }) }));
const rowsOf = (text: string): z.infer<typeof rowShape> => rowShape.parse(JSON.parse(text));
const read = (name: string): string => readFileSync(join(home.path, name), 'utf8');
const write = (name: string, text: string): void =>
  writeFileSync(join(home.path, name), text, { mode: 0o600 });
const FILE = '.cursor/mcp.json';
const ORIGINAL = '{\n\t"mcpServers": {\n\t\t"other": { "command": "x" } // mine\n\t}\n}';

describe('mcp-router clients', () => {
  it('SEC-80 SEC-83 lists, previews, connects, notices drift, repairs, disconnects and undoes', async () => {
    write(FILE, ORIGINAL);
    expect((await clients('list')).out).toContain('cursor           Cursor: not connected');
    const dry = await clients('connect', 'cursor', '--dry-run');
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(dry.out).toMatch(/^ {2}\+ .*"gateway": \{$/m);
    expect(dry.out).toContain('Nothing was written');
    expect(read(FILE)).toBe(ORIGINAL);
    expect(await clients('connect', 'cursor', '--yes')).toMatchObject({ code: 0, err: '' });
    const connected = read(FILE);
    expect(connected).toContain(join(process.cwd(), 'out/cli/mcp-router.js'));
    expect((await clients('list')).out).toContain('Cursor: connected as "gateway"');
    write(FILE, ORIGINAL);
    expect((await clients('list')).out).toContain('run: mcp-router clients repair cursor');
    expect(await clients('repair', 'cursor', '-y')).toMatchObject({ code: 0 });
    expect(read(FILE)).toBe(connected);
    expect(await clients('disconnect', 'cursor', '-y')).toMatchObject({ code: 0 });
    expect(read(FILE)).toBe(ORIGINAL);
    expect(await clients('undo', 'cursor', '-y')).toMatchObject({ code: 0 });
    expect(read(FILE)).toBe(connected);
    expect(await clients('undo', 'cursor', '-y')).toMatchObject({ code: 0 });
    expect(read(FILE)).toBe(ORIGINAL);
  });

  it('gives the list as JSON', async () => {
    const rows: unknown = JSON.parse((await clients('list', '--json')).out);
    expect(rows).toContainEqual({
      id: 'cursor',
      title: 'Cursor',
      state: { kind: 'not-connected' },
      name: 'gateway',
      path: join(home.path, FILE),
      remarks: [],
      actions: ['connect'],
    });
  });

  it('SEC-81 writes nothing without a confirmation', async () => {
    const { code, err } = await clients('connect', 'cursor');
    expect([code, err]).toEqual([1, 'Nobody is there to confirm it; use --yes.\n']);
    expect(() => read(FILE)).toThrow('ENOENT');
  });

  it('SEC-81 leaves a broken file alone', async () => {
    write(FILE, '{\n  oops\n}');
    const { code, err } = await clients('connect', 'cursor', '-y');
    expect(code).toBe(2);
    expect(err).toMatch(/mcp\.json: it is left alone.*line 2, column 3/);
    expect(read(FILE)).toBe('{\n  oops\n}');
  });

  it('SEC-83 refuses an entry that is not ours', async () => {
    write(FILE, '{"mcpServers":{"gateway":{"command":"x"}}}');
    expect(await clients('connect', 'cursor', '-y')).toMatchObject({ code: 1 });
    expect(await clients('connect', 'cursor', '-y', '--name', 'gateway-2')).toMatchObject({ code: 0 });
    expect(await clients('connect', 'windsurf', '-y')).toMatchObject({
      code: 1,
      err: 'Windsurf was not found on this machine.\n',
    });
  });

  it('SEC-81 of two processes at the same time one writes, or one after the other', async () => {
    mkdirSync(join(home.path, '.gemini'), { mode: 0o700 });
    const all = await Promise.all([
      clients('connect', 'cursor', '-y'),
      clients('connect', 'cursor', '-y'),
      clients('connect', 'gemini', '-y'),
    ]);
    for (const { code, err } of all) {
      if (code !== 0) expect(err).toContain('another mcp-router is changing a client');
    }
    expect(all.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    const rows = rowsOf((await clients('list', '--json')).out);
    const connected = rows.filter(({ state }) => state.kind === 'connected');
    expect(connected.length).toBeGreaterThan(0);
  });

  it.each([
    [[], 'a command is missing'],
    [['frob'], 'unknown command "frob"'],
    [['connect'], 'CLIENT is missing'],
    [['connect', 'emacs'], 'unknown client "emacs"'],
    [['connect', 'cursor', 'zed'], '"zed" does not belong here'],
    [['list', 'cursor'], '"cursor" does not belong here'],
    [['undo', 'cursor', '--name', 'x'], '--name goes with connect'],
    [['connect', 'cursor', '--json'], '--json goes with list'],
    [['connect', 'cursor', '--frob'], "Unknown option '--frob'"],
  ])('says what is wrong with: clients %j', async (args, words) => {
    const { code, out, err } = await clients(...args);
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain(words);
    expect(err).toContain('Usage: mcp-router clients list');
  });
});

describe('SEC-82 the entry as it stands in the file', () => {
  const entries = z.object({
    mcpServers: z.object({ gateway: z.strictObject({ command: z.string(), args: z.array(z.string()) }) }),
  });

  it('starts the router without PATH and reaches the gateway; the token is nowhere in the file', async () => {
    const gateway = await startGateway({
      auth: { kind: 'tokens', tokens: [TOKEN] },
      backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
      duplex: true,
    });
    try {
      mkdirSync(join(home.path, '.config/claude-cli'), { recursive: true, mode: 0o700 });
      const token = home.write('token', TOKEN);
      write(
        '.config/claude-cli/mcp-router.yaml',
        `gateway:\n  url: ${gateway.urlFor('127.0.0.1')}\n  auth: { type: bearer, token_file: ${token} }\n`,
      );
      await clients('connect', 'cursor', '-y');
      expect(read(FILE)).not.toContain(TOKEN);
      const { command, args } = entries.parse(JSON.parse(read(FILE))).mcpServers.gateway;
      const env = { HOME: home.path, PATH: '' };
      const transport = new StdioClientTransport({ command, args, env, stderr: 'pipe' });
      const client = new Client({ name: 'a client', version: '1.0.0' });
      try {
        await client.connect(transport);
        expect(client.getServerVersion()?.name).toEqual(expect.any(String));
      } finally {
        await client.close();
      }
    } finally {
      await gateway.stop();
    }
  });
});
