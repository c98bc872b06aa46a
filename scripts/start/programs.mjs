// @ts-check
import { join } from 'node:path';
import { firstLine } from '../desktop/display.mjs';
import { startOwned } from '../desktop/owned-process.mjs';
import { checkout } from '../checkout.mjs';
import { exitCodeOf } from '../child.mjs';

/**
 * @typedef {object} Program
 * @property {Promise<number>} ended its exit code
 * @property {import('node:stream').Readable | null} stdout
 * @property {import('node:stream').Writable | null} stdin closing it ends the programs of the demo
 * @property {(limitMs?: number) => Promise<void>} close
 */

/**
 * The programs of one start, ended in the reverse order of their starts.
 */
export function createPrograms() {
  /** @type {Program[]} */
  const running = [];
  return {
    /**
     * @param {string} command
     * @param {readonly string[]} args
     * @param {{ env?: Record<string, string | undefined>, stdio?: import('node:child_process').StdioOptions }} [options]
     * @returns {Program}
     */
    start(command, args, options = {}) {
      const { child, ended, close } = startOwned(command, args, {
        cwd: checkout,
        stdio: options.stdio ?? 'inherit',
        env: { ...process.env, ...options.env },
      });
      const code = ended.then(({ code: own, signal }) => exitCodeOf(own, signal));
      const program = { ended: code, stdout: child.stdout, stdin: child.stdin, close };
      running.push(program);
      return program;
    },
    /** @param {number} [limitMs] for each */
    async closeAll(limitMs) {
      for (const program of running.splice(0).reverse()) {
        await program.close(limitMs);
        await program.ended;
      }
    },
  };
}

/** @typedef {ReturnType<typeof createPrograms>} Programs */

/**
 * @param {string} name
 * @returns {string} path of a built program
 */
export const built = (name) => join(checkout, 'out', name);

/**
 * @typedef {{ configPath: string, socketPath: string, environment: Record<string, string> }} Demo
 */

/**
 * Starts the embedded demo: a gateway of our own on loopback, in front of a real MCP server.
 * @param {Programs} programs
 * @returns {Promise<Demo>}
 */
export async function startDemo(programs) {
  const program = programs.start(process.execPath, [built('demo/demo.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (program.stdout === null) throw new Error('The demo has no output.');
  return JSON.parse(await firstLine(program.stdout, program.ended, 'The demo'));
}
