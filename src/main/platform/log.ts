import electronLog from 'electron-log/node';

import type { LoggingConfig } from '../../shared/model/config';
import type { Logger } from '../engine/ports';
import { systemReason } from './guarded-file';
import { prepareLogFile, rotateLogFile } from './log-file';
import { logLine, type LogEvent, type LogLevel } from './log-line';
import { expandHome, type Place } from './paths';
import { withoutPersonalData } from './personal-data';
import { createSecretMask, type LogMask } from './secret-mask';
import { withoutTokenShapes } from './token-shapes';

/** What a log writes to and whom it tells. */
export interface LogOptions {
  readonly place: Pick<Place, 'platform' | 'home'>;
  /** Never stdout, which belongs to the protocol. */
  readonly stderr: { write(text: string): unknown };
  /** Called once when the log file cannot be written; the log goes to stderr from then on. */
  readonly onFailure?: (problem: string) => void;
  /** The mask of the log before a reload, so that its secrets stay masked. */
  readonly mask?: LogMask;
}

/** A running log. */
export interface Log {
  readonly logger: Logger;
  readonly mask: LogMask;
  /** True while lines go where the configuration says. */
  isHealthy(): boolean;
  /** Stops writing; later calls do nothing. */
  close(): void;
}

/** Creates the log that the configuration describes. It never throws: what cannot be written goes to stderr. */
export function createLog(config: LoggingConfig, options: LogOptions): Log {
  const mask = options.mask ?? createSecretMask();
  const clean = sanitiser(config, mask);
  const render: Render = (event) => logLine(event, config.format, clean);
  const sink = createSink(config, options, render);
  const write =
    (level: LogLevel): Logger['info'] =>
    (message, fields = {}) => {
      // Before anything is made of it: there is an event for each request, and most are for debugging.
      if (isLoud(level, config.level)) sink.write({ at: new Date(), level, message, fields });
    };
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { logger, mask, isHealthy: () => sink.isHealthy(), close: () => sink.close() };
}

type Render = (event: LogEvent) => string;

/** What `logging` wants to be taken out of a text: the values we hold always, then shapes, then personal data. */
export function sanitiser(
  config: Pick<LoggingConfig, 'sanitize' | 'pii_sanitization'>,
  mask: LogMask,
): (text: string) => string {
  return (text) => {
    const unheld = mask.apply(text, config.sanitize ? 'every-form' : 'value');
    const shapeless = config.sanitize ? withoutTokenShapes(unheld) : unheld;
    return config.pii_sanitization ? withoutPersonalData(shapeless) : shapeless;
  };
}

interface Sink {
  write(event: LogEvent): void;
  isHealthy(): boolean;
  close(): void;
}

/** The file when there is one, stderr otherwise and from the first failure on. */
function createSink(config: LoggingConfig, options: LogOptions, render: Render): Sink {
  const target = config.output.trim();
  const toStderr = createStderrChannel(config, options, render);
  const toFile = target === 'stderr' ? null : createFileChannel(config, options, render);
  let isHealthy = true;
  let isClosed = false;

  const fail = (problem: string): void => {
    isHealthy = false;
    toStderr({
      at: new Date(),
      level: 'error',
      message: 'the log file cannot be written; the log goes to stderr instead',
      fields: { file: target, problem },
    });
    options.onFailure?.(`The log file ${target} cannot be written: ${problem}.`);
  };
  if (toFile?.kind === 'failed') fail(toFile.problem);

  return {
    isHealthy: () => isHealthy,
    close: () => {
      isClosed = true;
    },
    write: (event) => {
      if (isClosed) return;
      if (toFile?.kind !== 'open' || !isHealthy) {
        toStderr(event);
        return;
      }
      const problem = toFile.write(event);
      if (problem === null) return;
      fail(problem);
      toStderr(event);
    },
  };
}

function createStderrChannel(
  config: LoggingConfig,
  options: LogOptions,
  render: Render,
): (event: LogEvent) => void {
  const channel = createChannel('mcp-router-stderr');
  const { console: transport } = channel.transports;
  transport.level = config.level;
  transport.transforms = [({ data }) => eventsOf(data)];
  transport.writeFn = ({ message }) => {
    const [event] = eventsOf(message.data);
    if (event !== undefined) options.stderr.write(`${render(event)}\n`);
  };
  return (event) => {
    channel[event.level](event);
  };
}

type FileChannel =
  | { readonly kind: 'open'; readonly write: (event: LogEvent) => string | null }
  | { readonly kind: 'failed'; readonly problem: string };

function createFileChannel(config: LoggingConfig, options: LogOptions, render: Render): FileChannel {
  const path = expandHome(config.output.trim(), options.place);
  if (path === undefined) return { kind: 'failed', problem: 'this user has no home folder' };
  const prepare = (): string | null => {
    try {
      prepareLogFile(path, options.place.platform);
      return null;
    } catch (error) {
      return systemReason(error);
    }
  };
  const problem = prepare();
  if (problem !== null) return { kind: 'failed', problem };

  const channel = createChannel('mcp-router-file');
  const { file: transport } = channel.transports;
  const rotation: { count: number; problem: string | null } = { count: 0, problem: null };
  // Without a name electron-log would look for a package.json.
  transport.setAppName('mcp-router');
  transport.resolvePathFn = () => path;
  transport.level = config.level;
  transport.maxSize = config.max_file_bytes;
  transport.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  transport.transforms = [({ data }) => eventsOf(data).map(render).join('\n')];
  transport.archiveLogFn = () => {
    rotation.count += 1;
    try {
      rotateLogFile(path);
    } catch (error) {
      rotation.problem = `it is full and cannot be renamed, because ${systemReason(error)}`;
    }
  };

  const write = (event: LogEvent): string | null => {
    const rotations = rotation.count;
    const before = transport.getFile().bytesWritten;
    channel[event.level](event);
    if (rotation.problem !== null) return rotation.problem;
    // electron-log swallows failures of the disk; a line that is not counted was not written.
    const start = rotation.count > rotations ? 0 : before;
    const isWritten = transport.getFile().bytesWritten > start;
    return isWritten ? null : (prepare() ?? 'the disk does not take more');
  };
  return { kind: 'open', write };
}

function createChannel(logId: string): typeof electronLog {
  const channel = electronLog.create({ logId });
  // Outside Electron some of them are null, which their types do not say.
  const transports: readonly unknown[] = Object.values(channel.transports);
  for (const transport of transports) {
    if (typeof transport === 'function') Object.assign(transport, { level: false });
  }
  // electron-log reports its own troubles through its default logger, unmasked and in another form.
  electronLog.transports.console.writeFn = () => {};
  return channel;
}

const LOUDNESS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function isLoud(level: LogLevel, least: LogLevel): boolean {
  return LOUDNESS.indexOf(level) >= LOUDNESS.indexOf(least);
}

/** electron-log hands data through untyped; only what `write` put in comes out. */
function eventsOf(data: readonly unknown[]): readonly LogEvent[] {
  return data.filter(
    (item): item is LogEvent => typeof item === 'object' && item !== null && 'fields' in item,
  );
}
