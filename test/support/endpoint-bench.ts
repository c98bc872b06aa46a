import { routerConfigSchema, type RouterConfig } from '../../src/shared/model/config';
import type { Clock } from '../../src/main/engine/ports';

import { EngineUnderTest, StreamTestClient, type FakeMachine } from './engine-client';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionMessage,
  type FunctionReply,
} from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';
import type { GatewayOptions } from './gateway/settings';

/** What a test changes of the configuration. */
export interface PoolChanges {
  readonly gateway?: object;
  readonly local?: object;
  readonly advanced?: object;
  /** Further keys of each endpoint. */
  readonly each?: readonly object[];
}

/** Several gateways with one counting server behind all of them, and an engine in front. */
export class EndpointBench {
  /** How often the server was called, by method, through any gateway. */
  readonly calls = new Map<string, number>();
  private running: EngineUnderTest | undefined;

  private constructor(readonly gateways: readonly Gateway[]) {}

  static async start(count: number, options: GatewayOptions = {}): Promise<EndpointBench> {
    const gateways: Gateway[] = [];
    const bench = new EndpointBench(gateways);
    const backend: FunctionBackend = {
      kind: 'function',
      handle: (message, reply) => {
        bench.handle(message, reply);
      },
    };
    for (let index = 0; index < count; index += 1) gateways.push(await startGateway({ backend, ...options }));
    return bench;
  }

  get under(): EngineUnderTest {
    if (this.running === undefined) throw new Error('open the engine first');
    return this.running;
  }

  gateway(index: number): Gateway {
    const gateway = this.gateways[index];
    if (gateway === undefined) throw new Error(`there is no gateway ${String(index)}`);
    return gateway;
  }

  /** The first gateway comes first, the second one second, and so on, unless `each` says otherwise. */
  config(changes: PoolChanges = {}, gateways = this.gateways): RouterConfig {
    const { gateway, local, each = [], advanced } = changes;
    return routerConfigSchema.parse({
      gateway: {
        auth: { type: 'none' },
        connection: { reconnect: { initial_delay_ms: 10, max_delay_ms: 50 } },
        ...gateway,
      },
      gateway_pool: {
        endpoints: gateways.map(({ url }, index) => ({ url, priority: index + 1, ...each[index] })),
      },
      local: { rate_limit: { enabled: false }, drain_timeout_ms: 500, ...local },
      ...(advanced === undefined ? {} : { advanced }),
    });
  }

  open(
    changes: PoolChanges = {},
    options: { machine?: FakeMachine; hasKeeper?: boolean; clock?: Clock } = {},
  ): EngineUnderTest {
    this.running = new EngineUnderTest(this.config(changes), options);
    this.running.engine.start();
    return this.running;
  }

  /** A client whose lane knows where it stands. */
  async attach(): Promise<StreamTestClient> {
    const { engine } = this.under;
    const before = engine.status().sessions.length;
    const client = new StreamTestClient(engine);
    await this.under.until('a verdict on the lane', () => {
      const { connection } = engine.status().sessions[before] ?? {};
      return connection?.name === 'connected' || connection?.name === 'failed';
    });
    return client;
  }

  /** The number of the gateway that each session is connected to; -1 for none. */
  get places(): readonly number[] {
    return this.under.engine.status().sessions.map(({ connection }) => {
      const endpoint = connection.name === 'connected' ? connection.endpoint : undefined;
      return this.gateways.findIndex(({ url }) => url === endpoint);
    });
  }

  async stop(): Promise<void> {
    await this.running?.engine.stop();
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }

  private handle({ method, params }: FunctionMessage, reply: FunctionReply): void {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    reply.result(method === 'initialize' ? minimalInitializeResult(params) : { method });
  }
}

/** Keeps a number of requests in flight, each with a method of its own, and sends none a second time. */
export class EndpointLoad {
  sent = 0;
  readonly outcomes = new Map<string, number>();
  private isRunning = true;
  private seen = 0;

  constructor(
    readonly client: StreamTestClient,
    private readonly name: string,
  ) {
    client.output.on('data', () => {
      this.takeReplies();
    });
  }

  get succeeded(): number {
    return this.outcomes.get('result') ?? 0;
  }

  start(inFlight: number): void {
    for (let index = 0; index < inFlight; index += 1) this.call();
  }

  /** Resolves when everything was answered. */
  async end(): Promise<void> {
    this.isRunning = false;
    await this.client.until('the last replies', () => this.replyIds.length >= this.sent);
  }

  get replyIds(): readonly unknown[] {
    return this.client.replies.filter(({ id }) => typeof id === 'number').map(({ id }) => id);
  }

  private call(): void {
    this.sent += 1;
    this.client.request(this.sent, `${this.name}${String(this.sent)}`);
  }

  private takeReplies(): void {
    const { lines } = this.client;
    for (; this.seen < lines.length; this.seen += 1) {
      const line = lines[this.seen] ?? '';
      if (!/"id":\d/.test(line)) continue;
      const outcome =
        /"code":"([a-z-]+)"/.exec(line)?.[1] ?? (line.includes('"result"') ? 'result' : 'error');
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
      if (this.isRunning) this.call();
    }
  }
}
