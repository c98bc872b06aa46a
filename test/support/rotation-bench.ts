import { createEngine, rotationOf, slotsOf, type Engine, type Rotation } from '../../src/main/engine/index';
import type { Clock, EnginePorts, SecretStore } from '../../src/main/engine/ports';
import { createMemorySecrets } from '../../src/main/platform/memory-secrets';
import type { RouterConfig } from '../../src/shared/model/config';
import type { RouterEvent } from '../../src/shared/model/events';

import { ChangeSignal } from './change-signal';
import { enginePorts, StreamTestClient, testConfig } from './engine-client';
import { echoBackend } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';

/** The name of the keychain entry. */
export const ENTRY = 'gateway';

/** A gateway that asks for tokens, and engines whose keychain is in memory and shared, as between processes. */
export class RotationBench {
  readonly secrets: SecretStore = createMemorySecrets(() => new Date());
  readonly events: RouterEvent[] = [];
  private readonly changes = new ChangeSignal();
  private readonly engines: Engine[] = [];

  private constructor(readonly gateway: Gateway) {}

  static async start(): Promise<RotationBench> {
    const bench = new RotationBench(await startGateway({ backend: echoBackend(), duplex: true }));
    bench.accept('old-token');
    await bench.secrets.write(ENTRY, 'old-token');
    return bench;
  }

  /** The tokens that the gateway accepts from now on, at new connections. */
  accept(...tokens: readonly string[]): void {
    this.gateway.reconfigure({ auth: { kind: 'tokens', tokens } });
  }

  config(security: object = {}): RouterConfig {
    return testConfig(this.gateway.url, {
      gateway: { auth: { type: 'bearer', token_secure_key: ENTRY } },
      security,
    });
  }

  ports(clock?: Clock): EnginePorts {
    const ports = enginePorts();
    return { ...ports, secrets: this.secrets, clock: clock ?? ports.clock };
  }

  /** A running engine, as another process would have it. */
  engine(options: { readonly hasKeeper?: boolean; readonly clock?: Clock } = {}): Engine {
    const engine = createEngine(this.ports(options.clock), this.config(), {
      hasKeeper: options.hasKeeper ?? false,
    });
    this.engines.push(engine);
    engine.onEvent((event) => {
      this.events.push(event);
      this.changes.changed();
    });
    engine.start();
    return engine;
  }

  client(engine: Engine): StreamTestClient {
    return new StreamTestClient(engine);
  }

  rotation(security: object = {}, clock?: Clock): Rotation {
    const config = this.config(security);
    const ports = this.ports(clock);
    const [slot] = slotsOf(config.gateway.auth, ports);
    if (slot === undefined) throw new Error('the configuration names no slot');
    return rotationOf(slot, ports, config);
  }

  /** What is stored under that name; null when nothing is. */
  async stored(name = ENTRY): Promise<string | null> {
    const lookup = await this.secrets.read(name);
    return lookup.kind === 'found' ? lookup.value : null;
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  async stop(): Promise<void> {
    for (const engine of this.engines) await engine.stop();
    await this.gateway.stop();
  }
}
