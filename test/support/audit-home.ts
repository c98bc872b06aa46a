import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { echoBackend } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';
import { RouterProcess, TemporaryHome } from './router-process';

/** One record as it stands in the file. */
export interface WrittenRecord {
  readonly seq: number;
  readonly action: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly actor: Readonly<Record<string, unknown>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What a command of the router printed. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A gateway, a home folder, and routers in processes of their own that write an audit log there. */
export class AuditHome {
  readonly home = new TemporaryHome();
  readonly folder = join(this.home.path, 'audit');
  readonly log = join(this.folder, 'audit.log');

  private constructor(readonly gateway: Gateway) {}

  static async start(): Promise<AuditHome> {
    return new AuditHome(await startGateway({ backend: echoBackend() }));
  }

  /** A configuration file; JSON is YAML. */
  config(audit: object = {}, more: Readonly<Record<string, object>> = {}, name = 'router.yaml'): string {
    const gateway = { url: this.gateway.url, auth: { type: 'none' } };
    const rate_limit = { requests_per_second: 100_000, burst: 100_000 };
    const logging = { audit: { enabled: true, output: this.log, ...audit } };
    return this.home.write(name, JSON.stringify({ gateway, local: { rate_limit }, logging, ...more }));
  }

  /** A bridge, which serves one client on stdio. */
  bridge(config: string): RouterProcess {
    return new RouterProcess(this.home, { args: ['--config', config] });
  }

  async command(...args: readonly string[]): Promise<CommandResult> {
    const router = new RouterProcess(this.home, { args });
    const code = await router.end();
    return { code, stdout: router.lines.join('\n'), stderr: router.stderr };
  }

  /** The files of the log, without locks and heads. */
  get files(): readonly string[] {
    return readdirSync(this.folder).filter((name) => /^audit(-\d+)?\.log(\.\d+)?$/.test(name));
  }

  text(name = 'audit.log'): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** The whole lines of a file. */
  records(name = 'audit.log'): readonly WrittenRecord[] {
    return this.text(name)
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const value: unknown = JSON.parse(line);
        if (!isRecord(value)) throw new Error(`no record: ${line}`);
        return value;
      });
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    this.home.remove();
  }
}

const isRecord = (value: unknown): value is WrittenRecord =>
  typeof value === 'object' && value !== null && 'seq' in value && 'action' in value && 'facts' in value;
