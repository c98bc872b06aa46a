import type { ConnectionState } from '../../src/shared/model/status';

import { EngineUnderTest, StreamTestClient, testConfig, type FakeMachine } from './engine-client';
import { echoBackend } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';

/** A gateway with an echo server, and an engine in front of it; one per test. */
export class SessionBench {
  private running: EngineUnderTest | undefined;

  private constructor(readonly gateway: Gateway) {}

  static async start(): Promise<SessionBench> {
    return new SessionBench(await startGateway({ backend: echoBackend() }));
  }

  /** The engine that `attach` started. */
  get under(): EngineUnderTest {
    if (this.running === undefined) throw new Error('attach a client first');
    return this.running;
  }

  /** Starts an engine in front of the gateway, and a client that talks to it. */
  attach(
    changes: Record<string, unknown> = {},
    options: { machine?: FakeMachine; hasKeeper?: boolean } = {},
  ): StreamTestClient {
    this.running = new EngineUnderTest(testConfig(this.gateway.url, changes), options);
    this.running.engine.start();
    return new StreamTestClient(this.running.engine);
  }

  /** Starts an engine with a keeper, and waits until it knows where it stands. */
  async settle(gatewayKeys: Record<string, unknown>, machine: FakeMachine = {}): Promise<ConnectionState> {
    const under = new EngineUnderTest(
      testConfig(this.gateway.urlFor('localhost'), { gateway: gatewayKeys }),
      {
        hasKeeper: true,
        machine,
      },
    );
    this.running = under;
    const { engine } = under;
    engine.start();
    const verdicts = ['connected', 'failed', 'waiting'];
    await under.until('a verdict', () => verdicts.includes(engine.status().keeper.name));
    return engine.status().keeper;
  }

  async stop(): Promise<void> {
    await this.running?.engine.stop();
    await this.gateway.stop();
  }
}
