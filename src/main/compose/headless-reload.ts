import { isDeepStrictEqual } from 'node:util';

import type { RouterConfig } from '../../shared/model/config';
import type { Degradation } from '../../shared/model/status';
import type { Engine } from '../engine/index';
import type { LoadedConfig } from '../platform/load-config';
import type { Machine } from '../platform/machine';

import { problemLines } from './problem-lines';
import { createLiveFiles, watchDegradations, type LiveFiles } from './live-files';

/** What a router without a window is reloaded with. */
export interface HeadlessReloadParts {
  readonly machine: Machine;
  readonly engine: Engine;
  readonly load: () => Promise<LoadedConfig>;
  readonly logger: {
    warn(message: string): void;
    error(message: string, fields?: { error: string }): void;
  };
}

/** Takes a changed configuration or credential into use: when it is told to (SIGHUP), and by itself. */
export class HeadlessReload {
  private readonly live: LiveFiles;
  private config: RouterConfig | null = null;
  /** One reload at a time, whoever asks for it. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: HeadlessReloadParts) {
    const { machine, engine, logger } = parts;
    this.live = createLiveFiles(machine, {
      reload: () => this.inTurn(() => this.readFile()),
      renew: () => this.inTurn(() => engine.renewCredential()),
      readMetricsToken: () => this.inTurn(() => engine.serveMetrics()),
      onRemark: (remark) => {
        logger.warn(remark);
      },
      onBug: (error) => {
        logger.error('taking a changed file into use failed by a mistake of ours', {
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      },
    });
  }

  /** Watches what this configuration depends on. */
  async follow({ config, path }: Extract<LoadedConfig, { kind: 'valid' }>): Promise<void> {
    this.config = config;
    await this.live.follow(config, path);
  }

  /** Reads file and credentials again; a bad file changes nothing but is reported. */
  reload(): Promise<void> {
    return this.inTurn(async () => {
      this.parts.machine.keychain.forget();
      await this.live.accept();
      await this.apply(await this.parts.load(), 'always');
    });
  }

  degradations(): readonly Degradation[] {
    return watchDegradations(this.live.problem());
  }

  close(): void {
    this.live.close();
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** The file is another one; what it says may still be the same. */
  private async readFile(): Promise<void> {
    const next = await this.parts.load();
    if (next.kind === 'valid' && isDeepStrictEqual(next.config, this.config)) return;
    await this.apply(next, 'if-needed');
  }

  private async apply(next: LoadedConfig, renewing: 'always' | 'if-needed'): Promise<void> {
    const { engine } = this.parts;
    if (next.kind !== 'valid') {
      const source = next.kind === 'absent' ? 'none' : (next.path ?? 'environment');
      engine.publish({ kind: 'config-rejected', source, detail: problemLines(next).join(' ') });
      return;
    }
    await this.follow(next);
    await engine.reload(next.config, next.path ?? 'environment', renewing);
  }
}
