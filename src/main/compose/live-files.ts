import type { RouterConfig } from '../../shared/model/config';
import type { Degradation } from '../../shared/model/status';
import { createFileWatch, type FileWatch } from '../platform/file-watch';
import type { Machine } from '../platform/machine';
import {
  responsesTo,
  watchedEntries,
  watchedFiles,
  type ChangeResponse,
  type WatchedFile,
} from '../platform/watched-files';

/** What a change leads to. */
export interface LiveFileHandlers {
  /** The configuration file has changed, and perhaps more. */
  readonly reload: () => Promise<void>;
  /** What a credential or an authority is read from has changed. */
  readonly renew: () => Promise<void>;
  /** What the token of the metrics is read from has changed. */
  readonly readMetricsToken: () => Promise<void>;
  readonly onRemark: (remark: string) => void;
  /** Something that must not happen. */
  readonly onBug: (error: unknown) => void;
}

/** Takes changed files into use by itself. */
export interface LiveFiles {
  /** Watches what this configuration depends on, from now on; null: only whether there is one. */
  follow(config: RouterConfig | null, configPath: string | null): Promise<void>;
  /** Somebody reads everything anew right now; what is there at this moment needs no second reading. */
  accept(): Promise<void>;
  problem(): string | null;
  close(): void;
}

/** Watches for one engine. With `advanced.watch_files` off it does nothing. */
export function createLiveFiles(machine: Machine, handlers: LiveFileHandlers): LiveFiles {
  return new FollowedFiles(machine, handlers);
}

/** What people are told when changes may go unnoticed. */
export const watchDegradations = (problem: string | null): readonly Degradation[] =>
  problem === null
    ? []
    : [{ code: 'files-not-watched', text: `Changed files may go unnoticed (${problem}).` }];

const metricsEntries = ({ metrics: { token_secure_key: entry } }: RouterConfig): readonly string[] =>
  entry === undefined ? [] : [entry];

/** How often a configuration is looked for before there is one. */
const POLL_MS_WITHOUT_CONFIG = 500;

class FollowedFiles implements LiveFiles {
  private watch: FileWatch | undefined;
  private pollMs = 0;
  private config: RouterConfig | null = null;
  private files: readonly WatchedFile[] = [];
  /** When the entries in use were stored, as our index has it. */
  private stored = '';
  /** One change at a time; those that come meanwhile are seen together. */
  private changed = new Set<string>();
  private isBusy = false;

  constructor(
    private readonly machine: Machine,
    private readonly handlers: LiveFileHandlers,
  ) {}

  async follow(config: RouterConfig | null, configPath: string | null): Promise<void> {
    const { place, secretIndexPath } = this.machine;
    this.config = config;
    this.files = watchedFiles(config, { configPath, secretIndexPath, place });
    this.stored = await this.storedNow();
    const pollMs = config?.advanced.watch_poll_ms ?? POLL_MS_WITHOUT_CONFIG;
    if (this.watch === undefined || pollMs !== this.pollMs) {
      this.watch?.close();
      this.pollMs = pollMs;
      const { onRemark } = this.handlers;
      this.watch = createFileWatch({
        pollMs,
        onRemark,
        onChange: (paths) => {
          this.take(paths);
        },
      });
    }
    await this.watch.follow([...new Set(this.files.map(({ path }) => path))]);
  }

  async accept(): Promise<void> {
    this.stored = await this.storedNow();
    await this.watch?.accept();
  }

  problem(): string | null {
    return this.watch?.problem() ?? null;
  }

  close(): void {
    this.watch?.close();
    this.watch = undefined;
  }

  private take(paths: readonly string[]): void {
    for (const path of paths) this.changed.add(path);
    if (this.isBusy) return;
    this.isBusy = true;
    void this.respond()
      .catch(this.handlers.onBug)
      .finally(() => {
        this.isBusy = false;
      });
  }

  private async respond(): Promise<void> {
    while (this.changed.size > 0 && this.watch !== undefined) {
      const paths = [...this.changed];
      this.changed.clear();
      for (const response of responsesTo(paths, this.files)) await this.act(response);
    }
  }

  private act(response: ChangeResponse): Promise<void> {
    switch (response) {
      case 'reload':
        return this.handlers.reload();
      case 'renew':
        return this.handlers.renew();
      case 'read-metrics-token':
        return this.handlers.readMetricsToken();
      case 'ask-keychain':
        return this.askKeychain();
    }
  }

  /** Our index tells cheaply which entries were stored anew; the keychain tells whether they are others. */
  private async askKeychain(): Promise<void> {
    const before = this.stored;
    this.stored = await this.storedNow();
    const { config, handlers } = this;
    if (this.stored === before || config === null) return;
    const { keychain } = this.machine;
    if (await keychain.hasChanged(metricsEntries(config))) await handlers.readMetricsToken();
    if (await keychain.hasChanged(watchedEntries(config))) await handlers.renew();
  }

  private async storedNow(): Promise<string> {
    if (this.config === null) return '';
    const entries = new Set([...watchedEntries(this.config), ...metricsEntries(this.config)]);
    if (entries.size === 0) return '';
    const stored = await this.machine.keychain.list();
    return JSON.stringify(stored.filter(({ name }) => entries.has(name)));
  }
}
