import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { endGroup, ownGroup } from '../process-group';
import type { BackendSession, SessionContext } from './backend';
import { BackendFailure } from './backend';
import { eachLine } from './each-line';
import { errorTexts } from './error-texts';
import { isJsonObject, parseJson } from './json';
import { ReplyWaiters } from './reply-waiters';

/** A server that is started once for each session and speaks newline-delimited JSON on its standard streams. */
export interface StdioBackend {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const GRACE_MS = 500;
const STDERR_TAIL_CHARACTERS = 2000;

/** Starts the server. */
export function openStdioSession(backend: StdioBackend, context: SessionContext): BackendSession {
  return new StdioSession(backend, context);
}

class StdioSession implements BackendSession {
  readonly #waiters = new ReplyWaiters();
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #context: SessionContext;
  #stderrTail = '';
  #endedBecause: BackendFailure | null = null;

  constructor(backend: StdioBackend, context: SessionContext) {
    this.#context = context;
    this.#child = spawn(backend.command, [...(backend.args ?? [])], {
      ...ownGroup,
      env: { ...process.env, ...backend.env },
      cwd: backend.cwd,
      stdio: 'pipe',
    });
    eachLine(this.#child.stdout, (line) => {
      this.#receive(line);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
    });
    this.#child.stdin.on('error', (error) => {
      this.#end(error.message);
    });
    this.#child.on('error', (error) => {
      this.#end(error.message);
    });
    this.#child.on('close', (code, signal) => {
      this.#end(`backend process exited (${signal ?? `code ${String(code)}`}): ${this.#stderrTail.trim()}`);
    });
  }

  async request(text: string): Promise<string> {
    if (this.#endedBecause !== null) throw this.#endedBecause;
    const reply = this.#waiters.register(text);
    this.#write(text);
    return reply;
  }

  async deliver(text: string): Promise<void> {
    if (this.#endedBecause !== null) throw this.#endedBecause;
    this.#write(text);
    return Promise.resolve();
  }

  async close(haste: 'gently' | 'now'): Promise<void> {
    this.#end('backend session closed');
    await endGroup(this.#child, haste === 'gently' ? GRACE_MS : 0);
  }

  /** Line breaks can only stand between the tokens of JSON, never inside a string. */
  #write(text: string): void {
    this.#child.stdin.write(`${text.replaceAll(/[\r\n]/g, ' ')}\n`);
  }

  #receive(line: string): void {
    const message = parseJson(line);
    if (!isJsonObject(message)) return;
    if ('method' in message) this.#context.fromServer(line);
    else this.#waiters.settle(line);
  }

  #end(cause: string): void {
    this.#endedBecause ??= new BackendFailure(errorTexts.backendProcess(cause));
    this.#waiters.failAll(this.#endedBecause);
  }
}
