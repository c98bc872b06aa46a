import { echoBackend } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';
import type { GatewayOptions } from './gateway/settings';
import { RouterProcess, TemporaryHome } from './router-process';

/** A gateway, and the built command line in a home of its own, where routers serve and clients attach. */
export class AttachBench {
  readonly home = new TemporaryHome();
  config = '';
  readonly folder = `${this.home.path}/run/mcp-router`;
  readonly socketPath = `${this.folder}/router.sock`;
  private readonly processes: RouterProcess[] = [];

  private constructor(readonly gateway: Gateway) {
    this.configure();
  }

  static async start(options: GatewayOptions = { backend: echoBackend() }): Promise<AttachBench> {
    return new AttachBench(await startGateway(options));
  }

  /** Writes the configuration of the routers; `more` are lines of YAML beside `gateway`. */
  configure(more = '', name = 'router.yaml'): void {
    const text = `gateway: { url: ${JSON.stringify(this.gateway.url)}, auth: { type: none } }\n${more}`;
    this.config = this.home.write(name, text);
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): RouterProcess {
    const router = this.spawn(args, env);
    this.processes.push(router);
    return router;
  }

  /** One that the test ends itself: of thousands none is kept. */
  spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}): RouterProcess {
    // Who has a setting of its own attaches to nobody; only `serve` opens metrics unasked.
    const own = args[0] === 'serve' ? {} : { MCP_METRICS_ENABLED: undefined };
    return new RouterProcess(this.home, { args, env: { ...own, ...env } });
  }

  /** A router that listens. */
  async serve(env: Readonly<Record<string, string>> = {}): Promise<RouterProcess> {
    const router = this.run(['serve', '--config', this.config], env);
    await router.until('the socket', () => router.stderr.includes('listening'), 30_000);
    return router;
  }

  /** A client on stdio that has chosen who serves it. */
  async client(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RouterProcess> {
    const router = this.run(args, env);
    const chosen = /attached to|runs its own|waits for a router/;
    await router.until('a choice', () => chosen.test(router.stderr), 30_000);
    return router;
  }

  async stop(): Promise<void> {
    for (const router of this.processes) await killed(router);
    await this.gateway.stop();
    this.home.remove();
  }
}

/** `kill -9`. */
export async function killed({ child, exited }: RouterProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}

/** A request. */
export const ask = (id: number, method = 'm'): object => ({ jsonrpc: '2.0', id, method });

/** What opens a session; its id is 0. */
export const initialize = {
  ...ask(0, 'initialize'),
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
} as const;
