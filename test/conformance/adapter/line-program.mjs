// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { clearTimeout, setTimeout } from 'node:timers';
import { complain } from '../complain.mjs';

/** @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} Message */

/**
 * What is started for each session.
 * @typedef {object} Program
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} env
 */

/** It has this long to end by itself once its input is closed. */
const END_LIMIT_MS = 5_000;

/** A program that speaks MCP in lines. */
export class LineProgram {
  #child;
  #ended;
  /** @type {(message: Message) => void} */
  onMessage = () => undefined;
  /** @type {() => void} */
  onEnd = () => undefined;

  /** @param {Program} program */
  constructor({ command, args, env }) {
    const child = spawn(command, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let stderr = '';
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.onMessage(JSON.parse(line)));
    this.#ended = once(child, 'exit').then(([code]) => {
      if (code !== 0) complain(`${args.join(' ')} ended with code ${String(code)}\n${stderr}`);
      this.onEnd();
    });
  }

  /** @param {object} message */
  send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async end() {
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    await this.#ended;
    clearTimeout(late);
  }
}
