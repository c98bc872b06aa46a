import type { Adapters } from './adapters';
import type { RouterConfig } from '../../shared/model/config';
import type { Degradation } from '../../shared/model/status';
import { openHttpDoor } from './http-door';
import { openLocalDoor, type DoorParts } from './local-door';
import { portsOf } from './ports';
import { createEngine, type Engine } from '../engine/index';
import { createLog, type Log } from '../platform/log';
import type { LogMask } from '../platform/secret-mask';
import type { ProcessFacts } from '../platform/process-facts';

/** Flags of the command line that change the configuration of this run. */
export interface RunOverrides {
  readonly configPath?: string | undefined;
  readonly logLevel?: RouterConfig['logging']['level'] | undefined;
  readonly isQuiet?: boolean;
}

/** An engine with its log. */
export interface Running {
  readonly engine: Engine;
  readonly log: Log;
  readonly degrade: (degradation: Degradation) => void;
}

/** How an engine is built. */
export interface BuildOptions extends RunOverrides {
  readonly hasKeeper: boolean;
  /** What is wrong with following changed files. */
  readonly watchDegradations: () => readonly Degradation[];
}

/** An engine that does nothing yet. */
export function buildEngine(
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

interface LogParts extends RunOverrides {
  readonly mask: LogMask;
  readonly onFailure: (problem: string) => void;
}

/** The log of a configuration; flags of the command line go before it. */
export function openLog(facts: ProcessFacts, config: RouterConfig, parts: LogParts): Log {
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
export async function openDoors(adapters: Adapters, running: Running, config: RouterConfig): Promise<void> {
  const parts = doorParts(adapters, running);
  await running.engine.serveMetrics();
  await openLocalDoor(parts, config);
  await openHttpDoor({ ...parts, tokens: adapters.machine.clientTokens }, config);
}
