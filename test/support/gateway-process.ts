import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { endGroup, ownGroup } from './process-group';

/** How the gateway double runs as a process of its own. */
export interface GatewayProcessOptions {
  /** 0 takes a free one at the first start; later starts use it again. */
  readonly port?: number;
  readonly flags?: readonly string[];
  /** The MCP server behind it. */
  readonly command: readonly string[];
}

/** The gateway double in a process that can be killed like a real one. */
export class GatewayProcess {
  private child: ChildProcess | undefined;
  private port: number;
  private address = '';

  constructor(private readonly options: GatewayProcessOptions) {
    this.port = options.port ?? 0;
  }

  get url(): string {
    return this.address;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { flags = [], command } = this.options;
    const args = ['out/demo/gateway.js', '--port', String(this.port), ...flags, '--', ...command];
    const child = spawn(process.execPath, args, { ...ownGroup, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    const line = String((await once(createInterface({ input: child.stdout }), 'line'))[0]);
    const ready: unknown = JSON.parse(line);
    if (!isReady(ready)) throw new Error(`the gateway said: ${line}`);
    this.port = ready.port;
    this.address = ready.url;
  }

  /** `kill -9`, to it and its servers. */
  async kill(): Promise<void> {
    if (this.child !== undefined) await endGroup(this.child, 0);
    this.child = undefined;
  }
}

const isReady = (value: unknown): value is { readonly url: string; readonly port: number } =>
  typeof value === 'object' && value !== null && 'url' in value && 'port' in value;
