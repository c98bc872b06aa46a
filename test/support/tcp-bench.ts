import type { ConnectionState } from '../../src/shared/model/status';

import { EngineUnderTest, StreamTestClient, testConfig, type FakeMachine } from './engine-client';
import { echoBackend } from './gateway/backend-function';
import { startTcpGateway, type TcpGateway } from './gateway/tcp-gateway';
import type { TcpGatewayOptions } from './gateway/tcp-settings';

/** The token that a {@link TcpBench} with a credential uses. */
export const TCP_TOKEN = 'tcp-token-0123456789';

/** `gateway` keys for each peer of the test gateway. */
export const tcpPeers = {
  /** The shipped frontend: no negotiation, no credential. */
  live: { auth: { type: 'none' }, tcp: { negotiate: 'offered' } },
  /** Negotiation, then the router's own sign-in. */
  documented: { auth: { token_env: 'TOKEN' }, tcp: { negotiate: 'required' } },
  /** Negotiation, then the token beside each message. */
  wrapper: { auth: { token_env: 'TOKEN' }, tcp: { negotiate: 'offered', token_in: 'wrapper' } },
  goRouter: { auth: { token_env: 'TOKEN' }, tcp: { dialect: 'go-router' } },
} as const;

/** A TCP gateway with an echo server, and an engine in front of it; one per test. */
export class TcpBench {
  private running: EngineUnderTest | undefined;

  private constructor(readonly gateway: TcpGateway) {}

  static async start(options: TcpGatewayOptions = {}): Promise<TcpBench> {
    return new TcpBench(await startTcpGateway({ backend: echoBackend(), ...options }));
  }

  /** The engine that `attach` or `settle` started. */
  get under(): EngineUnderTest {
    if (this.running === undefined) throw new Error('attach a client first');
    return this.running;
  }

  /** Starts an engine in front of the gateway, and a client that talks to it. */
  attach(gateway: Record<string, unknown>, local: Record<string, unknown> = {}): StreamTestClient {
    return new StreamTestClient(this.startEngine(gateway, { local }).engine);
  }

  /** Starts an engine with a keeper, and waits until it knows where it stands. */
  async settle(gateway: Record<string, unknown>, machine: FakeMachine = {}): Promise<ConnectionState> {
    const under = this.startEngine(gateway, { machine, hasKeeper: true });
    const verdicts = ['connected', 'failed', 'waiting'];
    await under.until('a verdict', () => verdicts.includes(under.engine.status().keeper.name));
    return under.engine.status().keeper;
  }

  async stop(): Promise<void> {
    await this.running?.engine.stop();
    await this.gateway.stop();
  }

  private startEngine(
    gateway: Record<string, unknown>,
    more: { local?: Record<string, unknown>; machine?: FakeMachine; hasKeeper?: boolean },
  ): EngineUnderTest {
    const { local = {}, machine = {}, hasKeeper = false } = more;
    const config = testConfig(this.gateway.urlFor('localhost'), { gateway, local });
    const withToken = { variables: { TOKEN: TCP_TOKEN }, ...machine };
    const under = new EngineUnderTest(config, { machine: withToken, hasKeeper });
    this.running = under;
    under.engine.start();
    return under;
  }
}
