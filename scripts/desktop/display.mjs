// @ts-check
import { clearTimeout, setTimeout } from 'node:timers';
import { commandPath } from '../preflight/machine.mjs';
import { startOwned } from './owned-process.mjs';

const startLimitMs = 20_000;

/**
 * The first line that a program writes to a stream.
 * @param {import('node:stream').Readable} stream
 * @param {Promise<unknown>} ended
 * @param {string} what named in the error
 * @returns {Promise<string>}
 */
export function firstLine(stream, ended, what) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`${what} did not start in time.`)), startLimitMs);
    void ended.then(() => {
      clearTimeout(timer);
      reject(new Error(`${what} ended at once.`));
    });
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(text.split('\n')[0]?.trim() ?? '');
    });
  });
}

/**
 * Starts a virtual display on a free number.
 * @param {Readonly<Record<string, string>>} environment
 * @returns {Promise<{ name: string, close: () => Promise<void> }>} `name` for DISPLAY
 */
export async function startDisplay(environment) {
  const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp', '-noreset'];
  const server = startOwned(commandPath('Xvfb') ?? 'Xvfb', args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const numbers = server.child.stdio[3];
  if (numbers === null || numbers === undefined || !('setEncoding' in numbers))
    throw new Error('Xvfb has no pipe.');
  try {
    return { name: `:${await firstLine(numbers, server.ended, 'Xvfb')}`, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
