// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const LINE_FEED = 0x0a;
/** How long a program may take to leave by itself before its process group is ended. */
const LEAVE_MS = 2000;
/** No reply of an echo on loopback takes this long. */
const REPLY_LIMIT_MS = 20_000;
const LONG_LINE_BYTES = 64 * 1024;

/**
 * How a program under measurement is started.
 * @typedef {{ command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv }} Program
 */

/** One program that speaks MCP on stdio, driven as a client would. Every reply is checked: its id, its length, once. */
export class StdioClient {
  /** When it was started, on the clock of `performance.now()`. */
  startedAt = performance.now();
  /** @type {Map<number, { bytes: number, take: (at: number) => void }>} what is owed a reply */
  #owed = new Map();
  #lastId = 0;
  /** @type {Buffer[]} */
  #parts = [];
  /** @type {Error | undefined} */
  #trouble;
  /** @type {(error: Error) => void} */
  #onTrouble = () => undefined;
  #stderr = '';

  /** @param {Program} program */
  constructor({ command, args, cwd, env }) {
    this.child = spawn(command, args, { cwd, env, stdio: 'pipe', detached: true });
    this.exited = once(this.child, 'exit');
    this.child.on('error', (error) => this.#fail(error));
    this.child.on('exit', (code) => this.#fail(new Error(`it ended with code ${String(code)}`)));
    this.child.stdin.on('error', (error) => this.#fail(error));
    this.child.stdout.on('data', (/** @type {Buffer} */ chunk) => this.#read(chunk));
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2000);
    });
  }

  /** @returns {number} */
  get pid() {
    return this.child.pid ?? -1;
  }

  get owedCount() {
    return this.#owed.size;
  }

  /**
   * Starts the session.
   * @returns {Promise<number>} milliseconds from the start of the program to its first reply
   */
  async initialize() {
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1.0.0' },
    };
    const rest = Buffer.from(`,"method":"initialize","params":${JSON.stringify(params)}}\n`);
    const at = await this.#patiently((resolve) => this.send(rest, 0, resolve));
    this.child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    return at - this.startedAt;
  }

  /**
   * Sends a request.
   * @param {Buffer} rest everything of its line after the id
   * @param {number} bytes least length of its reply
   * @param {(at: number) => void} take told when the reply was there
   */
  send(rest, bytes, take) {
    this.#lastId += 1;
    this.#owed.set(this.#lastId, { bytes, take });
    const { stdin } = this.child;
    stdin.cork();
    stdin.write(`{"jsonrpc":"2.0","id":${String(this.#lastId)}`);
    stdin.write(rest);
    stdin.uncork();
  }

  /**
   * Sends a request and waits.
   * @param {Buffer} rest
   * @param {number} bytes
   * @returns {Promise<number>} when the reply was there
   */
  ask(rest, bytes) {
    return this.#patiently((resolve) => this.send(rest, bytes, resolve));
  }

  /**
   * Waits for what replies will bring about.
   * @template T
   * @param {(resolve: (value: T) => void) => void} act
   * @returns {Promise<T>}
   */
  async until(act) {
    return this.#patiently(act);
  }

  /** Closes stdin; what does not leave by itself is ended, with what it has started. */
  async end() {
    this.#onTrouble = () => undefined;
    this.child.stdin.end();
    const left = await Promise.race([this.exited, delay(LEAVE_MS, null, { ref: false })]);
    try {
      // Also when it has left: what it has started may still be there.
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
    if (left === null) await this.exited;
  }

  /**
   * @template T
   * @param {(resolve: (value: T) => void) => void} act
   * @returns {Promise<T>}
   */
  #patiently(act) {
    return new Promise((resolve, reject) => {
      this.#onTrouble = reject;
      if (this.#trouble !== undefined) {
        reject(this.#trouble);
        return;
      }
      const limit = globalThis.setTimeout(() => {
        this.#fail(new Error(`${String(this.#owed.size)} replies are missing`));
      }, REPLY_LIMIT_MS);
      act((value) => {
        globalThis.clearTimeout(limit);
        resolve(value);
      });
    });
  }

  /** @param {Error} error */
  #fail(error) {
    this.#trouble ??= new Error(`${error.message}\n${this.#stderr}`.trim());
    this.#onTrouble(this.#trouble);
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#parts.push(chunk.subarray(start, end));
      start = end + 1;
      const at = performance.now();
      const line = this.#parts.length === 1 ? (this.#parts[0] ?? chunk) : Buffer.concat(this.#parts);
      this.#parts = [];
      this.#take(line, at);
    }
    if (start < chunk.length) this.#parts.push(chunk.subarray(start));
  }

  /**
   * @param {Buffer} line
   * @param {number} at
   */
  #take(line, at) {
    const id = idOf(line);
    const owed = this.#owed.get(id);
    if (owed === undefined || line.length < owed.bytes) {
      this.#fail(new Error(`a reply that is not owed: ${line.toString('latin1', 0, 200)}`));
      return;
    }
    this.#owed.delete(id);
    owed.take(at);
  }
}

/**
 * The id of a reply. A long one is not parsed, as that would be measured; ids stand at one end of it.
 * @param {Buffer} line
 * @returns {number}
 */
function idOf(line) {
  if (line.length <= LONG_LINE_BYTES) {
    /** @type {{ id?: unknown, result?: unknown }} */
    const { id, result } = JSON.parse(line.toString());
    return result === undefined ? -1 : Number(id);
  }
  const ends = `${line.toString('latin1', 0, 200)} ${line.toString('latin1', line.length - 200)}`;
  return Number(/"id":(\d+)/.exec(ends)?.[1] ?? -1);
}
