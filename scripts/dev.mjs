// @ts-check
// npm run dev [-- START_OPTION ...]: starts the app and starts it again after each change of the sources.
import './preflight/node-version.mjs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sourceDigest } from './build/source-digest.mjs';
import { checkout } from './checkout.mjs';
import { createPrograms } from './start/programs.mjs';

const lookMs = 1_000;
/** A save of several files is one change. */
const settleMs = 300;

const programs = createPrograms();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort());

/** @param {number} ms */
const pause = (ms) => delay(ms, undefined, { signal: stopping.signal });

/** @returns {Promise<never>} */
async function restartForEver() {
  for (;;) {
    const started = sourceDigest(checkout);
    programs.start(process.execPath, [join(checkout, 'scripts', 'start.mjs'), ...process.argv.slice(2)]);
    while (sourceDigest(checkout) === started) await pause(lookMs);
    await pause(settleMs);
    await programs.closeAll();
  }
}

try {
  await restartForEver();
} catch (error) {
  if (!stopping.signal.aborted) throw error;
} finally {
  await programs.closeAll();
}
