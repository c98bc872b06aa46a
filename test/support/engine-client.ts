import { PassThrough } from 'node:stream';

import { createEngine, type Engine } from '../../src/main/engine';
import type { CredentialSource } from '../../src/main/engine/auth/credential-source';
import type {
  AuditSink,
  Commands,
  CredentialBytesLookup,
  Clock,
  CredentialFileLookup,
  EnginePorts,
  Logger,
  SecretLookup,
  SecretStore,
} from '../../src/main/engine/ports';
import { createMemorySecrets } from '../../src/main/platform/memory-secrets';
import { createSystemClock } from '../../src/main/platform/system-clock';
import { routerConfigSchema, type RouterConfig } from '../../src/shared/model/config';
import type { RouterEvent } from '../../src/shared/model/events';

import { ChangeSignal } from './change-signal';

/** What a test puts behind the engine's ports. */
export interface FakeMachine {
  readonly variables?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, SecretLookup>>;
  readonly files?: Readonly<Record<string, CredentialFileLookup>>;
  readonly bundles?: Readonly<Record<string, CredentialBytesLookup>>;
  readonly commands?: Commands;
  /** A keychain that keeps what is written; in place of `secrets`. */
  readonly keychain?: SecretStore;
  /** Where the audit log goes; a test without one has no disk for it. */
  readonly audit?: AuditSink;
}

/** A source that sends no credential. */
export const noCredentials: CredentialSource = {
  current: () => Promise.resolve(null),
  renewed: () => Promise.resolve(null),
  widened: () => Promise.resolve(null),
  refusedForGood: (cause) => cause,
  missingScope: null,
};

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Ports with the machine's clock, and everything else from the test. */
export function enginePorts(machine: FakeMachine = {}, logger: Logger = silent): EnginePorts {
  const fileAt = (path: string): Promise<CredentialFileLookup> =>
    Promise.resolve(machine.files?.[path] ?? { kind: 'missing', path });
  return {
    clock: createSystemClock(),
    logger,
    secrets: machine.keychain ?? {
      read: (name) => Promise.resolve(machine.secrets?.[name] ?? { kind: 'absent' }),
      readAnew: (name) => Promise.resolve(machine.secrets?.[name] ?? { kind: 'absent' }),
      write: () => Promise.resolve({ kind: 'done' }),
      delete: () => Promise.resolve({ kind: 'done' }),
      list: () => Promise.resolve([]),
    },
    memory: createMemorySecrets(() => new Date()),
    files: {
      readCredential: fileAt,
      readCertificates: fileAt,
      replaceCredential: (path) => Promise.resolve({ kind: 'failed', path, reason: 'read-only' }),
      replaceCertificates: (path) => Promise.resolve({ kind: 'failed', path, reason: 'read-only' }),
      removeCredential: () => Promise.resolve({ kind: 'done' }),
      removeUnfinished: () => Promise.resolve(),
      readPkcs12: (path) => Promise.resolve(machine.bundles?.[path] ?? { kind: 'missing', path }),
    },
    commands: machine.commands ?? { run: () => Promise.resolve({ kind: 'failed', exitCode: 1 }) },
    environment: { variable: (name) => machine.variables?.[name] },
    mask: { add: () => undefined, hide: (text) => text },
    audit: machine.audit ?? {
      masked: (text) => text,
      open: () => Promise.resolve({ kind: 'failed', reason: 'no disk' }),
    },
    locks: { exclusively: (_name, _limitMs, work) => work() },
    random: () => 0.5,
  };
}

/** A configuration for tests: fast reconnects, and a rate limit that only its own tests reach. */
export function testConfig(url: string, changes: Record<string, unknown> = {}): RouterConfig {
  const { gateway, local, ...rest } = changes;
  return routerConfigSchema.parse({
    gateway: {
      url,
      auth: { type: 'none' },
      connection: { reconnect: { initial_delay_ms: 10, max_delay_ms: 50 } },
      ...(isRecord(gateway) ? gateway : {}),
    },
    local: {
      rate_limit: { requests_per_second: 100_000, burst: 100_000 },
      ...(isRecord(local) ? local : {}),
    },
    metrics: { enabled: false },
    ...rest,
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** One JSON-RPC message as the client sees it. */
export interface Reply {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Record<string, unknown>;
  };
}

/** A client on two in-memory streams, in place of a process on stdio. */
export class StreamTestClient {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  /** Every line that came, as text. */
  readonly lines: string[] = [];
  readonly left: Promise<void>;
  private readonly changes = new ChangeSignal();
  private rest = '';

  constructor(engine: Engine) {
    this.output.on('data', (chunk: Buffer) => {
      const parts = (this.rest + chunk.toString()).split('\n');
      this.rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.changes.changed();
    });
    this.left = engine.serveStdio(this.input, this.output);
  }

  get replies(): readonly Reply[] {
    return this.lines.map(parseReply);
  }

  send(message: object | string): void {
    this.input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  request(id: string | number, method: string, params: object = {}): void {
    this.send({ jsonrpc: '2.0', id, method, params });
  }

  /** Resolves with the first reply to that id. */
  async reply(id: string | number | null, limitMs?: number): Promise<Reply> {
    const find = (): Reply | undefined =>
      this.replies.find((reply) => reply.id === id && reply.method === undefined);
    await this.changes.until(`reply to ${String(id)}`, () => find() !== undefined, limitMs);
    return find() ?? {};
  }

  /** Resolves when the condition on the lines holds. */
  async until(name: string, condition: () => boolean, limitMs?: number): Promise<void> {
    await this.changes.until(name, condition, limitMs);
  }

  /** Performs the MCP handshake. */
  async initialize(id: string | number = 'init'): Promise<Reply> {
    this.request(id, 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test client', version: '1' },
    });
    const reply = await this.reply(id);
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return reply;
  }
}

/** One message of JSON. */
export function parseReply(line: string): Reply {
  const value: unknown = JSON.parse(line);
  if (!isRecord(value)) throw new Error(`not a message: ${line}`);
  return value;
}

/** An engine under test with its events, and a way to wait for them. */
export class EngineUnderTest {
  readonly engine: Engine;
  readonly events: RouterEvent[] = [];
  private readonly changes = new ChangeSignal();

  constructor(
    config: RouterConfig,
    options: { machine?: FakeMachine; hasKeeper?: boolean; clock?: Clock; logger?: Logger } = {},
  ) {
    const { machine, hasKeeper = false, clock, logger } = options;
    const ports = enginePorts(machine, logger);
    this.engine = createEngine({ ...ports, clock: clock ?? ports.clock }, config, { hasKeeper });
    this.engine.onEvent((event) => {
      this.events.push(event);
      this.changes.changed();
    });
  }

  kinds(kind: RouterEvent['kind']): readonly RouterEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  async until(name: string, condition: () => boolean, limitMs?: number): Promise<void> {
    await this.changes.until(name, condition, limitMs);
  }
}
