// @ts-check
import { performance } from 'node:perf_hooks';
import { IN_FLIGHT } from './plan.mjs';

/** @typedef {import('./stdio-client.mjs').StdioClient} StdioClient */

/** However short the time, this many are measured. */
const LEAST_SAMPLES = 5;

/**
 * A call whose one argument is a text of this length; what follows the id.
 * @param {number} bytes
 * @returns {Buffer}
 */
export function callOf(bytes) {
  const params = {
    name: 'echo',
    arguments: { text: 'The quick brown fox. '.repeat(bytes / 21 + 1).slice(0, bytes) },
  };
  return Buffer.from(`,"method":"tools/call","params":${JSON.stringify(params)}}\n`);
}

/**
 * @param {readonly number[]} values
 * @param {number} share 0 to 1
 * @returns {number}
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/**
 * One request at a time.
 * @param {StdioClient} client
 * @param {number} bytes
 * @param {number} budgetMs
 * @returns {Promise<number[]>} the time of each, in milliseconds
 */
export async function sequential(client, bytes, budgetMs) {
  const rest = callOf(bytes);
  /** @type {number[]} */
  const times = [];
  const endsAt = performance.now() + budgetMs;
  for (;;) {
    const startedAt = performance.now();
    if (startedAt >= endsAt && times.length >= LEAST_SAMPLES) return times;
    times.push((await client.ask(rest, bytes)) - startedAt);
  }
}

/**
 * 64 requests in flight all the time.
 * @param {StdioClient} client
 * @param {number} bytes
 * @param {{ budgetMs: number, least?: number }} options `least`: replies that are waited for, however long it takes
 * @returns {Promise<number>} replies per second
 */
export function throughput(client, bytes, { budgetMs, least = 2 * IN_FLIGHT }) {
  const rest = callOf(bytes);
  const endsAt = performance.now() + budgetMs;
  let startedAt = 0;
  let replies = 0;
  let rate = 0;
  return client.until((/** @type {(rate: number) => void} */ resolve) => {
    const take = (/** @type {number} */ at) => {
      replies += 1;
      // The first ones only fill the pipe.
      if (replies === IN_FLIGHT) startedAt = at;
      const isMeasured = replies >= least && at >= endsAt;
      if (isMeasured && rate === 0) rate = ((replies - IN_FLIGHT) / (at - startedAt)) * 1000;
      if (rate === 0) client.send(rest, bytes, take);
      else if (client.owedCount === 0) resolve(rate);
    };
    for (let index = 0; index < IN_FLIGHT; index += 1) client.send(rest, bytes, take);
  });
}
