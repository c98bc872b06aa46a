import { randomInt } from 'node:crypto';

import type { Adapters } from '../compose';
import type { EnginePorts } from '../engine/ports';
import { createAuditSink } from '../platform/audit-file';
import type { LoadedConfig } from '../platform/load-config';
import type { Log } from '../platform/log';
import { createSystemClock } from '../platform/system-clock';

import { CommandAudit } from './command-audit';

type PortSources = Pick<Adapters, 'machine' | 'memory' | 'mask' | 'facts'>;

const JITTER_STEPS = 1_000_000;
const random = (): number => randomInt(JITTER_STEPS) / JITTER_STEPS;

/** What the engine needs from this machine. */
export function portsOf(
  { machine, memory, mask, facts }: PortSources,
  { logger }: Pick<Log, 'logger'>,
): EnginePorts {
  const { keychain, environment, commands, locks } = machine;
  const files = machine.filesWith((path, remark) => {
    logger.warn(remark, { path });
  });
  const stores = { secrets: keychain, memory };
  const clock = createSystemClock();
  const { place } = machine;
  const masked = (text: string): string => mask.apply(text, 'every-form');
  const audit = createAuditSink({ place, uid: facts.uid, masked });
  return { clock, logger, ...stores, files, commands, environment, mask, audit, locks, random };
}

/** For commands: only what is wrong, where people see it. */
export const quietLog = (warn: (text: string) => void): Pick<Log, 'logger'> => ({
  logger: { debug: () => undefined, info: () => undefined, warn, error: warn },
});

/** Records what is done by command, or in the window, beside a running router. */
export function commandAudit(parts: PortSources): CommandAudit {
  const { machine, facts } = parts;
  const warn = (text: string): void => void facts.stderr.write(`mcp-router: ${text}\n`);
  const load = (path?: string): Promise<LoadedConfig> => machine.loadConfig(path);
  return new CommandAudit({ ports: portsOf(parts, quietLog(warn)), load, uid: facts.uid, warn });
}
