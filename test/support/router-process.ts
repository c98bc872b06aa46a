import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ChangeSignal } from './change-signal';

/** How `mcp-router` is started in a test. */
export interface RouterProcessOptions {
  readonly args?: readonly string[];
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The environment of a machine on which nothing is configured; the address of the metrics is left to others. */
export function emptyEnvironment(
  home: string,
  extra: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_RUNTIME_DIR: join(home, 'run'),
    MCP_METRICS_ENABLED: 'false',
    ...extra,
  };
}

/** A temporary home folder that goes away with `remove`. */
export class TemporaryHome {
  readonly path = mkdtempSync(join(tmpdir(), 'mcp-router-test-'));

  /** Writes a file below it, 0600 unless told otherwise; returns its path. */
  write(name: string, text: string | Buffer, mode = 0o600): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The built command line as a child process, spoken to in lines. */
export class RouterProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  stderr = '';
  readonly exited: Promise<number | null>;
  /** As {@link exited}, and all that it wrote is here. */
  private readonly closed: Promise<number | null>;
  private readonly changes = new ChangeSignal();
  private rest = '';

  constructor(home: TemporaryHome, options: RouterProcessOptions = {}) {
    const { args = [], env = {} } = options;
    const child = spawn(process.execPath, ['out/cli/mcp-router.js', ...args], {
      env: emptyEnvironment(home.path, env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    this.exited = once(child, 'exit').then(() => {
      this.changes.changed();
      return child.exitCode;
    });
    this.closed = once(child, 'close').then(() => child.exitCode);
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.takeOutput(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.changes.changed();
    });
  }

  send(message: object | string): void {
    this.child.stdin?.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  /** Resolves when the condition on what the process wrote holds. */
  async until(name: string, condition: () => boolean, limitMs = 10_000): Promise<void> {
    await this.changes.until(name, condition, limitMs);
  }

  /** The first line that answers this id, parsed. */
  async reply(id: string | number | null, limitMs?: number): Promise<Record<string, unknown>> {
    const find = (): Record<string, unknown> | undefined => this.parsed().find((reply) => reply['id'] === id);
    await this.until(`a reply to ${String(id)}\n${this.stderr}`, () => find() !== undefined, limitMs);
    return find() ?? {};
  }

  parsed(): readonly Record<string, unknown>[] {
    return this.lines.map((line) => {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? { ...value } : {};
    });
  }

  /** Closes stdin and waits for the exit code and the last of what it wrote. */
  async end(): Promise<number | null> {
    this.child.stdin?.end();
    return this.closed;
  }

  private takeOutput(chunk: Buffer): void {
    const parts = (this.rest + chunk.toString()).split('\n');
    this.rest = parts.pop() ?? '';
    this.lines.push(...parts);
    this.changes.changed();
  }
}
