import { mkdirSync } from 'node:fs';

import { expect } from 'vitest';

import { rawRequest } from '../raw-http';
import { RouterProcess, TemporaryHome } from '../router-process';
import { canary, type Mark } from './canary';
import { CommandLines, filesBelow, openToOthers, type AllowedPlace } from './evidence';
import { CanarySearch, type Evidence, type Leak } from './search';

/** Where a test puts secrets, and where the product keeps them for the person. */
const allowedPlaces: readonly AllowedPlace[] = [
  {
    path: /^given(\/|$)/,
    reason: 'a person put the file there; a rotation keeps the old one beside it, 0600',
  },
  { path: /^client\.key$/, reason: 'the private key that a person named' },
  { path: /\.inline\.yaml$/, reason: 'a person wrote the secret into this file, which the router refuses' },
];

const LIMIT_MS = 20_000;

/** A home in which routers run with everything switched on that writes something, and what they wrote. */
export class CanaryDesk {
  readonly home = new TemporaryHome();
  readonly metricsToken = canary('metrics-token');
  private readonly commandLines = new CommandLines();
  private readonly processes: { readonly name: string; readonly router: RouterProcess }[] = [];
  private readonly noted: Evidence[] = [];

  constructor() {
    for (const folder of ['given', 'tmp', 'run', 'logs'])
      mkdirSync(`${this.home.path}/${folder}`, { mode: 0o700 });
    this.give('metrics-token', this.metricsToken);
  }

  /** Puts a secret where a person would put it; returns the path. */
  give(name: string, secret: string | Buffer): string {
    return this.home.write(`given/${name}`, secret);
  }

  /** A configuration with debugging, frames, audit, metrics and socket on; `gateway` are lines below that key. */
  config(gateway: readonly string[], requestTimeoutMs = 20_000, name = 'router.yaml'): string {
    const { path } = this.home;
    return this.home.write(
      name,
      `gateway:
${gateway.map((line) => `  ${line}`).join('\n')}
  connection: { reconnect: { initial_delay_ms: 50, max_delay_ms: 100 } }
logging:
  level: debug
  output: ${path}/logs/router.log
  audit: { enabled: true, include_requests: true, output: ${path}/audit/audit.log }
local: { request_timeout_ms: ${requestTimeoutMs}, drain_timeout_ms: 100, http: { enabled: true, address: "127.0.0.1:0" } }
metrics: { endpoint: "127.0.0.1:0", token_file: ${path}/given/metrics-token, labels: { site: berlin } }
advanced: { debug: { log_frames: true, max_logged_frame_bytes: 4000 } }
`,
    );
  }

  /** Starts the built command line; what it says is searched. */
  run(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): RouterProcess {
    const own = { MCP_METRICS_ENABLED: undefined, TMPDIR: `${this.home.path}/tmp` };
    const router = new RouterProcess(this.home, { args, env: { ...own, ...env } });
    this.processes.push({ name: args.join(' '), router });
    this.commandLines.look();
    return router;
  }

  /** Runs a command to its end. */
  async command(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
    stdin = '',
  ): Promise<RouterProcess> {
    const router = this.run(args, env);
    router.child.stdin?.end(stdin);
    await router.exited;
    return router;
  }

  /** A router that serves; resolves when its socket and its metrics are there. */
  async serve(
    config: string,
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<RouterProcess> {
    const router = this.run(['serve', '--config', config], env);
    await this.untilLogged(/listening for local clients/);
    await this.untilLogged(/serving metrics/);
    return router;
  }

  /** Asks for metrics and health, with the token and with a wrong one. */
  async scrape(): Promise<void> {
    const port = metricsPort(this.log());
    for (const target of ['/metrics', '/health', `/${encodeURIComponent(canary('metrics-token-wrong'))}`]) {
      for (const token of [this.metricsToken, canary('metrics-token-wrong')]) {
        const { head, body } = await rawRequest(port, {
          target,
          headers: { Authorization: `Bearer ${token}` },
        });
        this.note('an answer of the metrics address', `${head}\n\n${body}`);
      }
    }
  }

  /** Sends a request to the address for clients over HTTP; what it answers is searched. */
  async post(path: string, headers: Readonly<Record<string, string>>, message: object): Promise<number> {
    const address = /"door":"http","address":"([^"]+)"/.exec(this.log())?.[1] ?? '';
    const own = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const init = { method: 'POST', headers: { ...own, ...headers }, body: JSON.stringify(message) };
    const response = await fetch(`http://${address}${path}`, init);
    const head = JSON.stringify([...response.headers]);
    this.note('an answer of the address for clients', `${head}\n${await response.text()}`);
    return response.status;
  }

  /** Everything in the log file so far. */
  log(): string {
    const files = [...filesBelow(`${this.home.path}/logs`)];
    return files.map(({ bytes }) => bytes.toString()).join('\n');
  }

  /** Resolves when the log holds this. */
  async untilLogged(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.log(), { timeout: LIMIT_MS }).toMatch(pattern);
  }

  /** Text that the product made and that no file holds. */
  note(place: string, text: string): void {
    this.noted.push({ place, bytes: Buffer.from(text) });
  }

  /** Everything that was written, as far as it is not where a secret may be. */
  evidence(): readonly Evidence[] {
    const said = this.processes.flatMap(({ name, router }) => [
      { place: `stdout of ${name}`, bytes: Buffer.from(router.lines.join('\n')) },
      { place: `stderr of ${name}`, bytes: Buffer.from(router.stderr) },
    ]);
    return [...said, ...this.noted, this.commandLines.stop(), ...filesBelow(this.home.path, allowedPlaces)];
  }

  /**
   * Ends what runs, and searches everything.
   *
   * @param relayed where words of the other side go by right
   */
  async leaks(marks: readonly Mark[] = [], relayed?: RegExp): Promise<readonly Leak[]> {
    await this.end();
    const evidence = this.evidence().filter(({ place }) => relayed?.test(place) !== true);
    return new CanarySearch(marks).leaksIn(evidence);
  }

  /** Files with secrets that others could read. */
  openToOthers(): readonly string[] {
    return openToOthers(this.home.path, allowedPlaces);
  }

  private async end(): Promise<void> {
    for (const { router } of this.processes.toReversed()) {
      if (router.child.exitCode === null && router.child.signalCode === null) router.child.kill('SIGTERM');
      await router.exited;
    }
  }

  async remove(): Promise<void> {
    await this.end();
    this.commandLines.stop();
    this.home.remove();
  }
}

const metricsPort = (log: string): number =>
  Number(/"serving metrics".*"address":"127\.0\.0\.1:(\d+)"/.exec(log)?.[1] ?? 0);
