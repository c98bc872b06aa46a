import { EngineUnderTest, StreamTestClient, testConfig, type FakeMachine } from './engine-client';

/** Engines in front of an HTTP server, and what else a test has to end. */
export class HttpBench {
  private readonly ends: (() => Promise<void>)[] = [];
  private running: EngineUnderTest | undefined;

  /** Ends with the bench, last one first. */
  own<T extends { stop(): Promise<void> }>(thing: T): T {
    this.ends.unshift(() => thing.stop());
    return thing;
  }

  get under(): EngineUnderTest {
    if (this.running === undefined) throw new Error('attach a client first');
    return this.running;
  }

  /** Starts an engine, and a client that talks to it. */
  attach(
    url: string,
    changes: Record<string, unknown> = {},
    options: { machine?: FakeMachine; hasKeeper?: boolean } = {},
  ): StreamTestClient {
    this.running = this.own(new StoppableEngine(testConfig(url, changes), options));
    this.running.engine.start();
    return new StreamTestClient(this.running.engine);
  }

  async stop(): Promise<void> {
    for (const end of this.ends.splice(0)) await end();
  }
}

class StoppableEngine extends EngineUnderTest {
  stop(): Promise<void> {
    return this.engine.stop();
  }
}
