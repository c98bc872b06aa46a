import { randomInt } from 'node:crypto';
import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../shared/model/config';
import { RouterError } from '../shared/model/errors';
import type { ConnectionSettings } from '../shared/ipc/contract';
import type { ConfigSituation, DesktopParts } from './desktop-core';
import { createEngine, refuseStream, type Engine } from './engine/index';
import { saveConnection } from './platform/connection-edit';
import type { Variables } from './platform/environment';
import type { LoadedConfig } from './platform/load-config';
import { createLog, type Log } from './platform/log';
import { createMachine, type Machine } from './platform/machine';
import { defaultSocketPath, expandHome } from './platform/paths';
import { prepareSocketPath, protectSocket } from './platform/socket-path';
import { createSystemClock } from './platform/system-clock';

/** What the process knows about itself; nothing below looks anywhere else. */
export interface ProcessFacts {
  readonly platform: NodeJS.Platform;
  readonly env: Variables;
  readonly home: string | undefined;
  readonly cwd: string;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly stderr: { write(text: string): unknown };
}

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
  /** Serves the clients of this user on `local.socket.path`. Throws RouterError socket-unavailable. */
  openSocket(): Promise<void>;
  close(): Promise<void>;
}

/** Either a router that is ready to start, or why there is none: one line per problem. */
export type HeadlessStart =
  | { readonly kind: 'ready'; readonly router: HeadlessRouter }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Reads the process once. A user without a home folder is a documented case (design section 3). */
export function processFacts(target: NodeJS.Process): ProcessFacts {
  return {
    platform: target.platform,
    env: target.env,
    home: homeFolder(),
    cwd: target.cwd(),
    uid: target.getuid?.() ?? null,
    stderr: target.stderr,
  };
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // it throws exactly when the user has none
  }
}

/** The command line's view of this machine, for `config` and `token`. */
export function createCommandMachine(facts: ProcessFacts): Machine {
  return createMachine(facts, (remark) => facts.stderr.write(`mcp-router: ${remark}\n`));
}

/** The process, and the adapters that do not depend on a configuration. */
interface Adapters {
  readonly facts: ProcessFacts;
  readonly machine: Machine;
}

const createAdapters = (facts: ProcessFacts): Adapters => ({ facts, machine: createCommandMachine(facts) });

/** One line for a person: where, what. */
function problemLines(loaded: Exclude<LoadedConfig, { kind: 'valid' }>): readonly string[] {
  switch (loaded.kind) {
    case 'invalid':
      return loaded.problems
        .filter(({ severity }) => severity === 'error')
        .map(({ line, path, message }) => {
          const place =
            line === null ? (loaded.path ?? 'environment') : `${loaded.path ?? ''}:${String(line)}`;
          return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
        });
    case 'unreadable':
      return [loaded.problem];
    case 'absent':
      return [`There is no configuration. Looked for: ${loaded.searched.join(', ')}, and MCP_GATEWAY_URL.`];
  }
}

const JITTER_STEPS = 1_000_000;
const random = (): number => randomInt(JITTER_STEPS) / JITTER_STEPS;

function buildEngine({ machine }: Adapters, config: RouterConfig, log: Log, hasKeeper: boolean): Engine {
  const { keychain, environment, locks } = machine;
  const files = machine.filesWith((path, remark) => {
    log.logger.warn(remark, { path });
  });
  const { logger, mask } = log;
  const ports = {
    clock: createSystemClock(),
    logger,
    secrets: keychain,
    files,
    environment,
    mask,
    locks,
    random,
  };
  return createEngine(ports, config, { hasKeeper });
}

function openLog(facts: ProcessFacts, config: RouterConfig, overrides: RunOverrides): Log {
  const { isQuiet = false, logLevel } = overrides;
  const logging = { ...config.logging, ...(logLevel === undefined ? {} : { level: logLevel }) };
  const stderr = isQuiet ? { write: () => true } : facts.stderr;
  return createLog(isQuiet ? { ...logging, output: 'stderr' } : logging, { place: facts, stderr });
}

/** Opens the local socket where only this user can reach it. */
async function openSocket({ facts, machine }: Adapters, config: RouterConfig, engine: Engine): Promise<void> {
  const { path: given } = config.local.socket;
  const { place } = machine;
  const path =
    given === undefined ? defaultSocketPath(place, facts.uid) : (expandHome(given, place) ?? given);
  const prepared = await prepareSocketPath(path, facts.uid);
  if (prepared.kind === 'in-use')
    throw new RouterError('socket-unavailable', `another router listens on ${path}`);
  if (prepared.kind === 'refused') throw new RouterError('socket-unavailable', prepared.problem);
  await engine.listenOnSocket(path);
  await protectSocket(path, facts.uid);
}

/** Builds a router for the command line; nothing is started yet. */
export async function createHeadlessRouter(
  facts: ProcessFacts,
  overrides: RunOverrides,
  options: { readonly hasKeeper: boolean },
): Promise<HeadlessStart> {
  const adapters = createAdapters(facts);
  const loaded = await adapters.machine.loadConfig(overrides.configPath);
  if (loaded.kind !== 'valid') return { kind: 'refused', problems: problemLines(loaded) };
  const { config } = loaded;
  const log = openLog(facts, config, overrides);
  for (const { path, message } of loaded.problems) log.logger.warn(message, { key: path });
  const engine = buildEngine(adapters, config, log, options.hasKeeper);
  const reload = async (): Promise<void> => {
    adapters.machine.keychain.forget();
    const next = await adapters.machine.loadConfig(overrides.configPath);
    if (next.kind === 'valid') await engine.reload(next.config, next.path ?? 'environment');
    else {
      const source = next.kind === 'absent' ? 'none' : (next.path ?? 'environment');
      engine.publish({ kind: 'config-rejected', source, detail: problemLines(next).join(' ') });
    }
  };
  const close = async (): Promise<void> => {
    await engine.stop();
    log.close();
  };
  const router = { engine, config, reload, close, openSocket: () => openSocket(adapters, config, engine) };
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
}

/** What the desktop app needs of this machine. */
export function createDesktopParts(options: DesktopOptions): DesktopParts {
  const facts = { ...processFacts(process), env: options.env };
  const adapters = createAdapters(facts);
  const clock = createSystemClock();
  const loadOptions = { place: adapters.machine.place, cwd: facts.cwd, uid: facts.uid };
  return {
    version: options.version,
    isDemo: !options.isPackaged && options.env['MCP_ROUTER_DEMO'] === '1',
    loadConfig: async () => situationOf(await adapters.machine.loadConfig()),
    saveConnection: (situation, input) =>
      saveConnection(
        {
          path: situation.path,
          tokenEntry: situation.kind === 'valid' ? situation.config.gateway.auth.token_secure_key : undefined,
          secrets: adapters.machine.keychain,
          load: loadOptions,
        },
        input,
      ),
    tokenSource: (config) => tokenSource(config, adapters.machine),
    keychainHealth: () => adapters.machine.keychain.health(),
    createEngine: async (config) => {
      const engine = buildEngine(adapters, config, openLog(facts, config, {}), true);
      if (config.local.socket.enabled) await openSocket(adapters, config, engine);
      return engine;
    },
    now: () => clock.now(),
    after: (delayMs, callback) => {
      clock.after(delayMs, callback);
    },
  };
}

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
      // The first place of the search, which is the one that the guide names.
      return { kind: 'absent', path: loaded.searched[0] ?? loaded.savePath ?? '' };
  }
}

/** Where the next connect would find its token, by name; the value is not looked at. */
async function tokenSource(
  config: RouterConfig,
  { keychain, environment }: Machine,
): Promise<ConnectionSettings['tokenSource']> {
  const { auth } = config.gateway;
  if (auth.type === 'oauth2') return { kind: 'oauth2', name: auth.client_id ?? '' };
  const entry = auth.token_secure_key;
  if (entry !== undefined && (await keychain.list()).some(({ name }) => name === entry)) {
    return { kind: 'keychain', name: entry };
  }
  const variable = [auth.token_env, 'MCP_AUTH_TOKEN'].find(
    (name) => name !== undefined && environment.variable(name) !== undefined,
  );
  if (variable !== undefined) return { kind: 'environment', name: variable };
  return auth.token_file === undefined ? null : { kind: 'file', name: auth.token_file };
}
