import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../shared/model/config';
import type { PostureReport } from '../shared/model/posture';
import type { Degradation } from '../shared/model/status';
import { openHttpDoor } from './compose/http-door';
import { openLocalDoor, socketPathOf, type DoorParts } from './compose/local-door';
import type { ConfigSituation, DesktopMachine, DesktopParts } from './desktop-core';
import { auditedClients, auditedSignIn, auditedTokens } from './compose/command-audit';
import { createAnnouncements } from './compose/announcements';
import { desktopPages, type PageParts } from './compose/desktop-pages';
import { desktopSecurity } from './compose/desktop-security';
import { HeadlessReload } from './compose/headless-reload';
import { createLiveFiles, watchDegradations } from './compose/live-files';
import { followLockdown } from './compose/lockdown';
import { lockdownMachine, type LockdownMachine } from './compose/lockdown-machine';
import { problemLines } from './compose/problem-lines';
import { postureReport } from './compose/posture';
import { signInMachine, type SignInMachine } from './compose/sign-in-machine';
import { tokenMachine, type TokenMachine } from './compose/token-machine';
import { commandAudit, portsOf, quietLog } from './compose/ports';
import { createEngine, refuseStream, type Engine } from './engine/index';
import type { SecretStore } from './engine/ports';
import type { ClientConnections } from './platform/client-apps/client-connections';
import { createOwnClients } from './platform/client-apps/own-clients';
import { saveBlockedClients, saveConnection, type SaveTarget } from './platform/connection-edit';
import type { Variables } from './platform/environment';
import type { LoadedConfig } from './platform/load-config';
import { createLog, type Log } from './platform/log';
import { createMemorySecrets } from './platform/memory-secrets';
import { createSecretMask, type LogMask } from './platform/secret-mask';
import { createMachine, type Machine } from './platform/machine';
import { processFacts, type ProcessFacts } from './platform/process-facts';
import { createSystemClock } from './platform/system-clock';
import { tokenSource } from './platform/token-source';

export type { ClientTokens } from './platform/client-tokens';
export { processFacts, type ProcessFacts } from './platform/process-facts';

/** Flags of the command line that change the configuration of this run. */
export interface RunOverrides {
  readonly configPath?: string | undefined;
  readonly logLevel?: RouterConfig['logging']['level'] | undefined;
  readonly isQuiet?: boolean;
}

/** A router that runs without a window. */
export interface HeadlessRouter {
  readonly engine: Engine;
  readonly config: RouterConfig;
  /** Reads file and credentials again; a bad file changes nothing but is reported. */
  reload(): Promise<void>;
  /** Lets clients of this user in, where `local.socket` and `local.http` allow it and the places are free. */
  openDoor(): Promise<void>;
  close(): Promise<void>;
}

/** Either a router that is ready to start, or why there is none: one line per problem. */
export type HeadlessStart =
  | { readonly kind: 'ready'; readonly router: HeadlessRouter }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** The process, and the adapters that do not depend on a configuration; one for the life of a process. */
export interface Adapters {
  readonly facts: ProcessFacts;
  readonly machine: Machine;
  /** Every secret that was ever in use stays masked, also after a reload made another log. */
  readonly mask: LogMask;
  /** For `gateway.auth.token_storage: memory`. */
  readonly memory: SecretStore;
  readonly clients: ClientConnections;
}

/** Builds the adapters; nothing is opened before it is used. */
export function createAdapters(facts: ProcessFacts): Adapters {
  const machine = createMachine(facts, (remark) => facts.stderr.write(`mcp-router: ${remark}\n`));
  const memory = createMemorySecrets(() => new Date());
  const parts = { facts, machine, mask: createSecretMask(), memory };
  const clients = auditedClients(createOwnClients(facts, machine), commandAudit(parts));
  return { ...parts, clients };
}

/** An engine with its log. */
interface Running {
  readonly engine: Engine;
  readonly log: Log;
  readonly degrade: (degradation: Degradation) => void;
}

/** How an engine is built. */
interface BuildOptions extends RunOverrides {
  readonly hasKeeper: boolean;
  /** What is wrong with following changed files. */
  readonly watchDegradations: () => readonly Degradation[];
}

function buildEngine(
  { machine, facts, mask, memory }: Adapters,
  config: RouterConfig,
  options: BuildOptions,
): Running {
  const degradations: Degradation[] = [];
  const degrade = (degradation: Degradation): void => {
    degradations.push(degradation);
  };
  const log = openLog(facts, config, {
    ...options,
    mask,
    onFailure: (text) => {
      degrade({ code: 'log-not-writable', text });
    },
  });
  const ports = portsOf({ machine, memory, mask, facts }, log);
  const { hasKeeper } = options;
  return {
    engine: createEngine(ports, config, {
      hasKeeper,
      degradations: () => [...degradations, ...options.watchDegradations()],
    }),
    log,
    degrade,
  };
}

/** What `sign-in` and `sign-out` do on this machine. */
export function createSignIn(adapters: Adapters, signal: AbortSignal): SignInMachine {
  const signIn = signInMachine(adapters.machine, {
    platform: adapters.facts.platform,
    portsFor: (config) =>
      portsOf(adapters, openLog(adapters.facts, config, { mask: adapters.mask, onFailure: () => undefined })),
    signal,
  });
  return auditedSignIn(signIn, commandAudit(adapters));
}

/** The hardening checklist on this machine. */
export const postureOfMachine =
  ({ machine, facts }: Adapters, version: string) =>
  (configPath?: string): Promise<PostureReport> =>
    postureReport(machine, { uid: facts.uid, version }, configPath);

/** What `lockdown` does on this machine. */
export function createLockdownMachine(adapters: Adapters): LockdownMachine {
  const warn = (text: string): void => void adapters.facts.stderr.write(`mcp-router: ${text}\n`);
  const signIn = createSignIn(adapters, AbortSignal.any([]));
  return lockdownMachine(adapters.machine, { signIn, audit: commandAudit(adapters), warn });
}

/** What `token` does on this machine. */
export function createTokenMachine(adapters: Adapters): TokenMachine {
  const { machine, facts } = adapters;
  const warn = (text: string): void => void facts.stderr.write(`mcp-router: ${text}\n`);
  return auditedTokens(tokenMachine(machine, portsOf(adapters, quietLog(warn))), commandAudit(adapters));
}

interface LogParts extends RunOverrides {
  readonly mask: LogMask;
  readonly onFailure: (problem: string) => void;
}

function openLog(facts: ProcessFacts, config: RouterConfig, parts: LogParts): Log {
  const { isQuiet = false, logLevel, mask, onFailure } = parts;
  const logging = { ...config.logging, ...(logLevel === undefined ? {} : { level: logLevel }) };
  const stderr = isQuiet ? { write: () => true } : facts.stderr;
  const output = isQuiet ? 'stderr' : logging.output;
  return createLog({ ...logging, output }, { place: facts, stderr, mask, onFailure });
}

/** What the local socket needs of a running engine. */
function doorParts({ facts, machine }: Adapters, { engine, log, degrade }: Running): DoorParts {
  return { place: machine.place, uid: facts.uid, engine, logger: log.logger, degrade };
}

/** Everything that other programs of this machine can reach. */
async function openDoors(adapters: Adapters, running: Running, config: RouterConfig): Promise<void> {
  const parts = doorParts(adapters, running);
  await running.engine.serveMetrics();
  await openLocalDoor(parts, config);
  await openHttpDoor({ ...parts, tokens: adapters.machine.clientTokens }, config);
}

/** The socket that the configuration names in place of the usual one; null when it names none or there is none. */
export async function configuredSocketPath({ machine, facts }: Adapters): Promise<string | null> {
  const loaded = await machine.loadConfig();
  if (loaded.kind !== 'valid' || loaded.config.local.socket.path === undefined) return null;
  return socketPathOf(loaded.config, machine.place, facts.uid);
}

/** Builds a router for the command line; nothing is started yet. */
export async function createHeadlessRouter(
  adapters: Adapters,
  overrides: RunOverrides,
  options: { readonly hasKeeper: boolean },
): Promise<HeadlessStart> {
  const loaded = await adapters.machine.loadConfig(overrides.configPath);
  if (loaded.kind !== 'valid') return { kind: 'refused', problems: problemLines(loaded) };
  const { config } = loaded;
  const { machine } = adapters;
  const running = buildEngine(adapters, config, {
    ...overrides,
    ...options,
    watchDegradations: () => reloading.degradations(),
  });
  const { engine, log } = running;
  const { logger } = log;
  const load = (): Promise<LoadedConfig> => machine.loadConfig(overrides.configPath);
  const reloading = new HeadlessReload({ machine, engine, load, logger });
  await reloading.follow(loaded);
  await engine.ready();
  await followLockdown({ ...adapters, engine, logger });
  for (const { path, message } of loaded.problems) logger.warn(message, { key: path });
  const close = async (): Promise<void> => {
    reloading.close();
    await engine.stop();
    log.close();
  };
  const router = {
    engine,
    config,
    reload: () => reloading.reload(),
    close,
    openDoor: async () => {
      await openDoors(adapters, running, config);
    },
  };
  return { kind: 'ready', router };
}

/** Answers every request of a client with the reason why there is no router. */
export function refuseClient(input: Readable, output: Writable, problems: readonly string[]): Promise<void> {
  const { max_line_bytes: maxLineBytes } = refusalLimits;
  return refuseStream(input, output, { code: 'config-invalid', detail: problems.join(' '), maxLineBytes });
}

/** Without a configuration there is no `local.max_line_bytes`; this is its default. */
const refusalLimits = { max_line_bytes: 16 * 1024 * 1024 } as const;

/** How the desktop app was started. */
export interface DesktopOptions {
  readonly version: string;
  readonly isPackaged: boolean;
  readonly argv: readonly string[];
  readonly env: Variables;
  /** The home folder, where it is not the one of the process. */
  readonly home?: string;
  /** Opens a file in the system's editor; answers with what went wrong, or with nothing. */
  readonly openPath?: PageParts['openPath'];
}

/** What the desktop app needs of this machine. */
export function createDesktopParts(options: DesktopOptions): DesktopParts {
  const isDemo = !options.isPackaged && options.env['MCP_ROUTER_DEMO'] === '1';
  const ofProcess = processFacts(process);
  const facts = { ...ofProcess, env: options.env, home: options.home ?? ofProcess.home };
  const own = { ...facts, env: { ...options.env, MCP_ROUTER_CONFIG: undefined } };
  const clock = createSystemClock();
  const timing = {
    now: () => clock.now(),
    after: (delayMs: number, callback: () => void) => {
      clock.after(delayMs, callback);
    },
  };
  const { announce, onAnnouncement } = createAnnouncements();
  const openPath = options.openPath ?? (() => Promise.resolve('there is no desktop'));
  const about = { version: options.version, announce, openPath };
  const demo = isDemo ? { withoutDemo: desktopMachine(own, about) } : {};
  const say = (text: string): void => {
    facts.stderr.write(`mcp-router: ${text}\n`);
  };
  return {
    version: options.version,
    say,
    ...timing,
    onAnnouncement,
    ...desktopMachine(facts, about),
    ...demo,
  };
}

function desktopMachine(
  facts: ProcessFacts,
  about: Pick<PageParts, 'version' | 'announce' | 'openPath'>,
): DesktopMachine {
  const adapters = createAdapters(facts);
  const { machine } = adapters;
  let engine: Engine | undefined;
  let watchProblem = (): string | null => null;
  const load: SaveTarget['load'] = { place: machine.place, cwd: facts.cwd, uid: facts.uid };
  return {
    loadConfig: async () => situationOf(await machine.loadConfig()),
    saveConnection: (situation, input) =>
      saveConnection(
        {
          path: situation.path,
          tokenEntry: situation.kind === 'valid' ? situation.config.gateway.auth.token_secure_key : undefined,
          secrets: isInMemory(situation) ? adapters.memory : machine.keychain,
          load,
        },
        input,
      ),
    saveBlockedClients: (situation, names) => saveBlockedClients({ path: situation.path, load }, names),
    tokenSource: (config) => tokenSource(config, { ...machine, memory: adapters.memory }),
    keychainHealth: () => machine.keychain.health(),
    isKeychainBusy: () => machine.keychain.isBusy(),
    createEngine: async (config) => {
      engine = await createDesktopEngine(adapters, config, () => watchDegradations(watchProblem()));
      return engine;
    },
    security: desktopSecurity(machine, { uid: facts.uid, version: about.version }, () => engine),
    pages: desktopPages({ adapters, engine: () => engine, ...about }),
    watchFiles: (handlers) => {
      const live = createLiveFiles(machine, handlers);
      watchProblem = () => live.problem();
      return live;
    },
  };
}

async function createDesktopEngine(
  adapters: Adapters,
  config: RouterConfig,
  watching: BuildOptions['watchDegradations'],
): Promise<Engine> {
  const running = buildEngine(adapters, config, { hasKeeper: true, watchDegradations: watching });
  const { engine } = running;
  await engine.ready();
  await followLockdown({ ...adapters, engine, logger: running.log.logger });
  await openDoors(adapters, running, config);
  return running.engine;
}

const isInMemory = (situation: ConfigSituation): boolean =>
  situation.kind === 'valid' && situation.config.gateway.auth.token_storage === 'memory';

function situationOf(loaded: LoadedConfig): ConfigSituation {
  switch (loaded.kind) {
    case 'valid':
      return { kind: 'valid', config: loaded.config, path: loaded.path ?? '', problems: loaded.problems };
    case 'invalid':
      return { kind: 'unusable', path: loaded.path ?? '', problems: loaded.problems };
    case 'unreadable': {
      const problem = { severity: 'error', path: '', line: null, message: loaded.problem } as const;
      return { kind: 'unusable', path: loaded.path, problems: [problem] };
    }
    case 'absent':
      return { kind: 'absent', path: loaded.savePath ?? '' };
  }
}
