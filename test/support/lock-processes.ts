import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'vite';

import { nodeProgram } from '../../scripts/build/bundle-options.mjs';
import { ChangeSignal } from './change-signal';

/** Real processes that take locks and write files: the program beside this, bundled. */
export class LockProcesses {
  private readonly started: LockProcess[] = [];

  private constructor(private readonly folder: string) {}

  static async build(): Promise<LockProcesses> {
    const out = join(process.cwd(), 'out');
    mkdirSync(out, { recursive: true });
    const folder = mkdtempSync(join(out, 'test-locks-'));
    await build({
      configFile: false,
      ...nodeProgram(process.cwd(), folder, { program: 'test/support/lock-program.ts' }),
      logLevel: 'silent',
    });
    return new LockProcesses(folder);
  }

  /** The command that starts one, for a parent of its own. */
  command(what: string, path: string): readonly string[] {
    return [process.execPath, join(this.folder, 'program.js'), what, path];
  }

  start(what: string, path: string, env: Readonly<Record<string, string>> = {}): LockProcess {
    return this.startCommand(this.command(what, path), env);
  }

  startCommand(command: readonly string[], env: Readonly<Record<string, string>> = {}): LockProcess {
    const [file = '', ...args] = command;
    const started = new LockProcess(spawn(file, args, { env: { ...process.env, ...env }, stdio: 'pipe' }));
    this.started.push(started);
    return started;
  }

  async endAll(): Promise<void> {
    await Promise.all(this.started.splice(0).map((one) => one.killed()));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One of them. */
export class LockProcess {
  output = '';
  readonly exited: Promise<unknown>;
  private readonly changes = new ChangeSignal();

  constructor(readonly child: ChildProcess) {
    this.exited = once(child, 'close');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.changes.changed();
      });
    }
  }

  async says(text: string): Promise<void> {
    await this.changes.until(text, () => this.output.includes(text), 20_000);
  }

  /** As `kill -9` does it; resolves when it is gone. */
  async killed(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
