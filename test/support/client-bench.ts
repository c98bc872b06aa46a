import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ClientAction, ClientId, ClientOutcome, ClientRow } from '../../src/shared/model/client-apps';
import {
  createClientConnections,
  type ClientConnections,
  type PlannedChange,
} from '../../src/main/platform/client-apps/client-connections';
import type { PlanOptions } from '../../src/main/platform/client-apps/client-plan';
import type { Launcher } from '../../src/main/platform/client-apps/launcher';
import type { RunningVerdict } from '../../src/main/platform/client-apps/running-apps';

/** One home folder with clients in it, and the engine that connects them. */
export class ClientBench {
  verdict: RunningVerdict = 'not-running';
  /** Runs while a change is being carried out, between the first and the last look at the file. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  maxBytes = 1024 * 1024;
  env: Record<string, string | undefined> = {};
  launcher: Launcher;
  private seconds = 0;

  constructor(readonly home: string) {
    this.launcher = { command: '/bin/sh', args: [this.path('router.js')], warnings: [] };
  }

  path(name: string): string {
    return join(this.home, name);
  }

  get clients(): ClientConnections {
    return createClientConnections({
      place: { platform: 'linux', env: this.env, home: this.home },
      uid: process.geteuid?.() ?? null,
      maxBytes: this.maxBytes,
      launcher: () => Promise.resolve(this.launcher),
      running: {
        isRunning: async () => {
          await this.meanwhile();
          return this.verdict;
        },
      },
      now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, this.seconds++)),
    });
  }

  async plan(action: ClientAction, id: ClientId, options: PlanOptions = {}): Promise<PlannedChange> {
    const planned = await this.clients.plan(action, id, options);
    if (planned.kind !== 'planned') throw new Error(planned.message);
    return planned;
  }

  /** Plans and carries out; gives back how either ended. */
  async run(action: ClientAction, id: ClientId, options: PlanOptions = {}): Promise<ClientOutcome> {
    const planned = await this.clients.plan(action, id, options);
    return planned.kind === 'planned' ? planned.apply() : planned;
  }

  async row(id: ClientId): Promise<ClientRow> {
    const row = (await this.clients.list()).find((one) => one.id === id);
    if (row === undefined) throw new Error(`no row for ${id}`);
    return row;
  }

  async write(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  async mode(name: string): Promise<number> {
    return (await stat(this.path(name))).mode & 0o777;
  }

  async names(name: string): Promise<readonly string[]> {
    return (await readdir(this.path(name))).sort();
  }
}

/** Where the engine keeps what it remembers. */
export const ARCHIVE = '.local/state/mcp-router/clients';
