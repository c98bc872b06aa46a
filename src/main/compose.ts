import type { Readable, Writable } from 'node:stream';
import type { RouterConfig } from '../shared/model/config';
import type { PostureReport } from '../shared/model/posture';
import { socketPathOf } from './compose/local-door';
import { auditedSignIn, auditedTokens } from './compose/command-audit';
import { HeadlessReload } from './compose/headless-reload';
import { followLockdown } from './compose/lockdown';
import { lockdownMachine, type LockdownMachine } from './compose/lockdown-machine';
import { problemLines } from './compose/problem-lines';
import { postureReport } from './compose/posture';
import { signInMachine, type SignInMachine } from './compose/sign-in-machine';
import { tokenMachine, type TokenMachine } from './compose/token-machine';
import { commandAudit, portsOf, quietLog } from './compose/ports';
import { refuseStream, type Engine } from './engine/index';
import type { LoadedConfig } from './platform/load-config';
import { buildEngine, openDoors, openLog, type RunOverrides } from './compose/running';
import type { Adapters } from './compose/adapters';

export { createAdapters, type Adapters } from './compose/adapters';
export { createDesktopParts, type DesktopOptions } from './compose/desktop-parts';
export type { RunOverrides } from './compose/running';
export type { ClientTokens } from './platform/client-tokens';
export { processFacts, type ProcessFacts } from './platform/process-facts';

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
