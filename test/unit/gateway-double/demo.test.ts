import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { routerConfigSchema } from '../../../src/shared/model/config';
import type { DemoFolder } from '../../demo/demo-folder';
import { createDemoFolder } from '../../demo/demo-folder';
import { keepBusy } from '../../demo/sample-traffic';
import { ChangeSignal } from '../../support/change-signal';
import { parseJson } from '../../support/gateway/json';
import { endGroup, ownGroup } from '../../support/process-group';

// Starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const everything = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';

const requestShape = z.object({ method: z.string().default('an answer') });
const replyShape = z.object({
  error: z.unknown().optional(),
  result: z.object({ isError: z.boolean().default(false) }).optional(),
});

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function demoFolder(): DemoFolder {
  const folder = createDemoFolder();
  cleanups.push(folder.remove);
  return folder;
}

describe("the demo's folder", () => {
  it('holds a valid configuration and is for this user only', () => {
    const folder = demoFolder();
    folder.fill({ gatewayUrl: 'wss://localhost:1234/', authorityPem: 'PEM', token: 'a-token' });
    const config = routerConfigSchema.parse(parse(readFileSync(folder.configPath, 'utf8')));
    expect(config.local.socket).toStrictEqual({ enabled: true, path: folder.socketPath });
    const { token_file: tokenPath = '' } = config.gateway.auth;
    expect(readFileSync(tokenPath, 'utf8')).toBe('a-token\n');
    expect(readFileSync(config.gateway.tls.ca_cert_path ?? '', 'utf8')).toBe('PEM');
    for (const path of [folder.configPath, tokenPath]) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(folder.configPath)).mode & 0o777).toBe(0o700);
    expect(folder.socketPath.length).toBeLessThan(104);
    folder.remove();
    expect(existsSync(dirname(folder.configPath))).toBe(false);
  });
});

/** Stands where the router's socket is: a server of its own for each connection. */
class SocketDoor {
  readonly methods: string[] = [];
  readonly errors: string[] = [];
  readonly changes = new ChangeSignal();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(readonly path: string) {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  async open(): Promise<void> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.dropAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const child = spawn(process.execPath, [everything, 'stdio'], { ...ownGroup, stdio: 'pipe' });
    child.stdin.on('error', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    const ended = once(socket, 'close').then(() => endGroup(child, 100));
    cleanups.push(() => ended);
    createInterface({ input: socket }).on('line', (line) => {
      this.methods.push(requestShape.parse(parseJson(line)).method);
      this.changes.changed();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { error, result } = replyShape.parse(parseJson(line));
      if (error !== undefined || result?.isError === true) this.errors.push(line);
    });
  }
}

describe('a sample client', () => {
  it('does varied things, answers the server, and comes back after a loss', async () => {
    const door = new SocketDoor(demoFolder().socketPath);
    const stopping = new AbortController();
    const client = keepBusy({
      name: 'Sample client',
      socketPath: door.path,
      pauseMs: 1,
      signal: stopping.signal,
    });
    cleanups.push(() => door.close());
    cleanups.push(() => {
      stopping.abort();
    });
    await door.open();
    const expected = [
      'initialize',
      'tools/list',
      'tools/call',
      'resources/list',
      'prompts/list',
      'ping',
      'an answer',
    ];
    await door.changes.until('all of its tricks', () =>
      expected.every((method) => door.methods.includes(method)),
    );
    door.methods.length = 0;
    door.dropAll();
    await door.changes.until('a new session', () => door.methods.includes('tools/list'));
    stopping.abort();
    await client;
    expect(door.errors.filter((line) => !line.includes('a-tool-that-is-not-there'))).toStrictEqual([]);
  });
});
