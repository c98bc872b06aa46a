import { isDeepStrictEqual } from 'node:util';

import type {
  AppStatus,
  CommandResult,
  ConnectionSettings,
  KeychainHealth,
  SaveConnection,
} from '../shared/ipc/contract';
import type { RouterEvent } from '../shared/model/events';
import type { Lockdown } from '../shared/model/lockdown';
import { statusAtRest } from '../shared/model/status';
import { createDesktopParts, type DesktopOptions } from './compose';
import type { Announce } from './compose/announcements';
import type { DesktopSecurity } from './compose/desktop-security';
import type { LiveFiles } from './compose/live-files';
import { DesktopEvents } from './desktop-events';
import type { DesktopPages } from './desktop-pages';
import { errorsOf, notConfigured, resultOf, type ConfigSituation } from './desktop-results';

import type { DesktopMachine, DesktopParts } from './desktop-machine';
import type { DesktopRouter } from './desktop-router';
import type { Engine } from './engine/index';

export type { ConfigSituation } from './desktop-results';
export type { DesktopMachine, DesktopParts, SaveOutcome } from './desktop-machine';

/** Builds what tray and window stand on. */
export function createDesktopRouter(options: DesktopOptions): DesktopRouter {
  return new DesktopCore(createDesktopParts(options));
}

/** The state behind tray and window: configuration, keychain and, once configured, the engine. */
export class DesktopCore implements DesktopRouter {
  private situation: ConfigSituation = { kind: 'absent', path: '' };
  private engine: Engine | undefined;
  private keychain: KeychainHealth = { kind: 'usable' };
  private readonly events: DesktopEvents;
  private readonly statusListeners = new Set<(status: AppStatus) => void>();
  private revision = 0;
  /** Followed by the engine once there is one. */
  private restLockdown: Lockdown | null = null;
  private stopping: Promise<void> | undefined;
  /** One change at a time: a save must not overtake another. */
  private turn: Promise<unknown> = Promise.resolve();

  private machine: DesktopMachine;
  private live: LiveFiles;
  private readonly restSince: number;
  private isDemo: boolean;

  constructor(private readonly parts: DesktopParts) {
    this.machine = parts;
    this.events = new DesktopEvents(parts.after);
    this.live = this.watchFiles();
    this.restSince = parts.now();
    this.isDemo = parts.withoutDemo !== undefined;
  }

  appStatus(): AppStatus {
    const { situation, engine } = this;
    this.revision += 1;
    return {
      version: this.parts.version,
      isDemo: this.isDemo,
      configPath: situation.path,
      isConfigured: situation.kind === 'valid',
      configProblems: situation.kind === 'absent' ? [] : situation.problems,
      keychain: this.keychain,
      router: {
        ...(engine?.status() ?? statusAtRest(this.restSince, this.restLockdown)),
        revision: this.revision,
      },
    };
  }

  recentEvents(): readonly RouterEvent[] {
    return this.events.kept();
  }

  onStatus(listener: (status: AppStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => {
      this.statusListeners.delete(listener);
    };
  }

  onEvents(listener: (events: readonly RouterEvent[]) => void): () => void {
    return this.events.onEvents(listener);
  }

  async connectionSettings(): Promise<ConnectionSettings> {
    const { situation } = this;
    // The demo's own address is nobody's setting: the form is for the gateway that comes after it.
    if (this.isDemo || situation.kind !== 'valid')
      return { url: '', tokenSource: null, isTokenEditable: true };
    const tokenSource = await this.machine.tokenSource(situation.config);
    return {
      url: situation.config.gateway.url,
      tokenSource,
      isTokenEditable:
        tokenSource === null || tokenSource.kind === 'keychain' || tokenSource.kind === 'memory',
    };
  }

  saveConnection(input: SaveConnection): Promise<CommandResult> {
    return this.inTurn(async () => {
      const machine = this.parts.withoutDemo ?? this.machine;
      const outcome = await machine.saveConnection(
        this.isDemo ? await machine.loadConfig() : this.situation,
        input,
      );
      await this.lookAtKeychain();
      if (outcome.kind === 'refused') {
        this.tellStatus();
        return resultOf(outcome);
      }
      await this.leaveDemo();
      await this.readConfig();
      const result = await this.applyConfig();
      this.tellStored(input);
      return result;
    });
  }

  connect(): Promise<CommandResult> {
    return this.inTurn(async () => {
      // What a person mends between two tries is often the file or the keychain.
      await this.readConfig();
      await this.lookAtKeychain();
      return this.applyConfig();
    });
  }

  disconnect(): Promise<CommandResult> {
    return this.inTurn(async () => {
      await this.engine?.disconnect();
      this.tellStatus();
      return { ok: true };
    });
  }

  wake(): Promise<void> {
    return this.inTurn(async () => {
      await this.lookAtKeychain();
      await this.engine?.wake();
      this.tellStatus();
    });
  }

  disconnectClient(session: string): Promise<CommandResult> {
    this.engine?.disconnectSession(session);
    return Promise.resolve({ ok: true });
  }

  blockClient(name: string): Promise<CommandResult> {
    return this.changeBlocked((names) => [...names.filter((other) => other !== name), name]);
  }

  unblockClient(name: string): Promise<CommandResult> {
    return this.changeBlocked((names) => names.filter((other) => other !== name));
  }

  private changeBlocked(change: (names: readonly string[]) => readonly string[]): Promise<CommandResult> {
    return this.inTurn(async () => {
      const { situation } = this;
      if (situation.kind !== 'valid') return notConfigured(situation);
      const names = change(situation.config.local.blocked_clients);
      const outcome = await this.machine.saveBlockedClients(situation, names);
      if (outcome.kind === 'saved') await this.readChangedConfig();
      return resultOf(outcome);
    });
  }

  async start(): Promise<void> {
    await this.inTurn(async () => {
      await this.readConfig();
      await this.lookAtKeychain();
      return this.situation.kind === 'valid' ? this.applyConfig() : notConfigured(this.situation);
    });
    this.tellStatus();
  }

  get security(): DesktopSecurity {
    const { security } = this.machine;
    return {
      ...security,
      lockDown: (by) => this.andLookAtLockdown(security.lockDown(by)),
      release: (word) => this.andLookAtLockdown(security.release(word)),
    };
  }

  get pages(): DesktopPages {
    return this.machine.pages;
  }

  onAnnouncement(listener: Announce): () => void {
    return this.parts.onAnnouncement(listener);
  }

  readChanges(): Promise<void> {
    return this.inTurn(() => this.readChangedConfig());
  }

  isKeychainBusy(): boolean {
    return this.machine.isKeychainBusy();
  }

  stop(): Promise<void> {
    this.stopping ??= this.inTurn(async () => {
      this.live.close();
      await this.engine?.stop();
    });
    return this.stopping;
  }

  /** Ends the demo with its clients: they must not talk to the gateway of a person. */
  private async leaveDemo(): Promise<void> {
    if (!this.isDemo || this.parts.withoutDemo === undefined) return;
    await this.engine?.stop();
    this.engine = undefined;
    this.live.close();
    this.machine = this.parts.withoutDemo;
    this.live = this.watchFiles();
    this.isDemo = false;
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** An engine tells by itself; without one nobody does. */
  private async andLookAtLockdown(change: Promise<CommandResult>): Promise<CommandResult> {
    const result = await change;
    this.restLockdown = await this.machine.security.lockdown();
    this.tellStatus();
    return result;
  }

  private async readConfig(): Promise<void> {
    this.situation = await this.machine.loadConfig();
    this.restLockdown = await this.machine.security.lockdown();
    const { situation } = this;
    await this.live.follow(situation.kind === 'valid' ? situation.config : null, situation.path || null);
    this.tellStatus();
  }

  private watchFiles(): LiveFiles {
    return this.machine.watchFiles({
      reload: () => this.inTurn(() => this.readChangedConfig()),
      renew: () => this.inTurn(() => this.renewCredential()),
      readMetricsToken: () => this.inTurn(async () => this.engine?.serveMetrics()),
      onRemark: (remark) => {
        this.parts.say(remark);
      },
      onBug: (error) => {
        this.parts.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      },
    });
  }

  /** The file is another one. It is used if it is good; whether the router is switched on stays as it is. */
  private async readChangedConfig(): Promise<void> {
    const before = this.situation;
    await this.readConfig();
    const { situation, engine } = this;
    if (situation.kind !== 'valid') {
      const detail = situation.kind === 'unusable' ? errorsOf(situation.problems) : '';
      engine?.publish({ kind: 'config-rejected', source: situation.path, detail });
    } else if (engine === undefined) await this.applyConfig();
    else if (before.kind !== 'valid' || !isDeepStrictEqual(before.config, situation.config)) {
      await engine.reload(situation.config, situation.path, 'if-needed');
    }
    this.tellStatus();
  }

  /** A token that was entered in the window is in the keychain now. */
  private tellStored({ token }: SaveConnection): void {
    const { situation, engine } = this;
    const name = situation.kind === 'valid' ? situation.config.gateway.auth.token_secure_key : undefined;
    if (token !== undefined && name !== undefined) engine?.publish({ kind: 'credential-stored', name });
  }

  private async renewCredential(): Promise<void> {
    await this.engine?.renewCredential();
    await this.lookAtKeychain();
    this.tellStatus();
  }

  private async lookAtKeychain(): Promise<void> {
    this.keychain = await this.machine.keychainHealth();
  }

  /** Runs the engine with the configuration of now; a bad file leaves a running engine as it is. */
  private async applyConfig(): Promise<CommandResult> {
    const { situation, engine } = this;
    if (situation.kind !== 'valid') return notConfigured(situation);
    if (engine === undefined) {
      const created = await this.machine.createEngine(situation.config);
      this.engine = created;
      this.follow(created);
      created.start();
    } else {
      await engine.reload(situation.config, situation.path);
      engine.connect();
    }
    this.tellStatus();
    return { ok: true };
  }

  private follow(engine: Engine): void {
    engine.onStatus(() => {
      this.tellStatus();
    });
    engine.onEvent((event) => {
      this.events.keep(event);
      if (event.kind === 'auth-failed' && event.code.startsWith('keychain-')) {
        void this.lookAtKeychain().then(() => {
          this.tellStatus();
        });
      }
    });
  }

  private tellStatus(): void {
    const status = this.appStatus();
    for (const listener of this.statusListeners) listener(status);
  }
}
