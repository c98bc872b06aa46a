import { createAdapters, type Adapters } from './adapters';
import { buildEngine, openDoors, type BuildOptions } from './running';
import type { RouterConfig } from '../../shared/model/config';
import type { ConfigSituation, DesktopMachine, DesktopParts } from '../desktop-core';
import { createAnnouncements } from './announcements';
import { desktopPages, type PageParts } from './desktop-pages';
import type { ChooseSavePath } from './desktop-audit';
import { desktopSecurity } from './desktop-security';
import { createLiveFiles, watchDegradations } from './live-files';
import { followLockdown } from './lockdown';
import { tokenSwap } from './token-swap';
import { TrafficSeries } from './traffic-series';
import type { ChooseFile } from '../file-dialog';
import type { Engine } from '../engine/index';
import { saveBlockedClients, saveConnection, type SaveTarget } from '../platform/connection-edit';
import type { Variables } from '../platform/environment';
import type { LoadedConfig } from '../platform/load-config';
import { appFacts, type ProcessFacts } from '../platform/process-facts';
import { createSystemClock } from '../platform/system-clock';
import { tokenSource } from '../platform/token-source';

/** How the desktop app was started. */
export interface DesktopOptions {
  readonly version: string;
  readonly isPackaged: boolean;
  readonly argv: readonly string[];
  readonly env: Variables;
  /** Asks a person for a file; absent where nobody can be asked. */
  readonly chooseFile?: ChooseFile;
  /** Opens a file in the system's editor; answers with what went wrong, or with nothing. */
  readonly openPath?: PageParts['openPath'];
  /** The home folder, where it is not the one of the process. */
  readonly home?: string;
  /** The built command of a checkout, which clients start while the app runs from its sources. */
  readonly cliPath?: string;
  /** Asks the person where to save; absent where nobody can be asked. */
  readonly chooseSavePath?: ChooseSavePath;
}

/** What the desktop app needs of this machine. */
export function createDesktopParts(options: DesktopOptions): DesktopParts {
  const isDemo = !options.isPackaged && options.env['MCP_ROUTER_DEMO'] === '1';
  const ofProcess = appFacts(process, options);
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
  const nobody = (): Promise<null> => Promise.resolve(null);
  const { version, chooseFile = nobody, chooseSavePath = nobody } = options;
  const openPath = options.openPath ?? (() => Promise.resolve('there is no desktop'));
  const about = { version, announce, chooseFile, chooseSavePath, openPath };
  const demo = isDemo ? { withoutDemo: desktopMachine(own, about) } : {};
  const say = (text: string): void => {
    facts.stderr.write(`mcp-router: ${text}\n`);
  };
  return {
    version,
    say,
    ...timing,
    onAnnouncement,
    ...desktopMachine(facts, about),
    ...demo,
  };
}

function desktopMachine(
  facts: ProcessFacts,
  about: Omit<PageParts, 'adapters' | 'engine' | 'traffic'>,
): DesktopMachine {
  const adapters = createAdapters(facts);
  const { machine } = adapters;
  let engine: Engine | undefined;
  let watchProblem = (): string | null => null;
  const traffic = new TrafficSeries(() => Date.now());
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
          swapToken: tokenSwap(adapters),
        },
        input,
      ),
    saveBlockedClients: (situation, names) => saveBlockedClients({ path: situation.path, load }, names),
    tokenSource: (config) => tokenSource(config, { ...machine, memory: adapters.memory }),
    keychainHealth: () => machine.keychain.health(),
    isKeychainBusy: () => machine.keychain.isBusy(),
    createEngine: async (config) => {
      engine = await createDesktopEngine(adapters, config, () => watchDegradations(watchProblem()));
      engine.onEvent((event) => traffic.note(event));
      return engine;
    },
    security: desktopSecurity(machine, { uid: facts.uid, version: about.version }, () => engine),
    pages: desktopPages({ adapters, engine: () => engine, traffic, ...about }),
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
