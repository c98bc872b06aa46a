// @ts-check
import { parseArgs } from 'node:util';

/** @typedef {'unlocked' | 'locked' | 'none'} Keyring */
/** @type {readonly Keyring[]} */
const keyrings = ['unlocked', 'locked', 'none'];

/**
 * @typedef {object} SessionOptions
 * @property {Keyring} keyring
 * @property {number} limitMs how long the command may take
 * @property {string[]} command
 */

/**
 * @param {readonly string[]} argv
 * @returns {SessionOptions | { problem: string }}
 */
export function parseSessionOptions(argv) {
  const end = argv.indexOf('--');
  if (end === -1 || end === argv.length - 1) return { problem: 'Name the command after `--`.' };
  try {
    const { values } = parseArgs({
      args: argv.slice(0, end),
      options: {
        keyring: { type: 'string', default: 'unlocked' },
        'limit-minutes': { type: 'string', default: '20' },
      },
    });
    const keyring = keyrings.find((name) => name === values.keyring);
    if (keyring === undefined) return { problem: `--keyring is one of ${keyrings.join(', ')}.` };
    const minutes = Number(values['limit-minutes']);
    if (!(minutes > 0)) return { problem: '--limit-minutes is a number above 0.' };
    return { keyring, limitMs: minutes * 60_000, command: argv.slice(end + 1) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
