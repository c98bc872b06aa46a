// Preloaded into the command line by tests: ends the process, as `kill -9` would, at its nth step on files. A step is a file
// that takes its name or is removed, or what KILL_STEPS names; the odd moments are before a step, the even ones after it.
const fs = require('node:fs/promises');
const { syncBuiltinESMExports } = require('node:module');

const at = Number(process.env['KILL_AT'] ?? '0');
let moment = 0;

/** Never returns when it is time. */
function pass() {
  moment += 1;
  if (moment === at) process.kill(process.pid, 'SIGKILL');
}

/** @type {Record<string, unknown>} */
const steps = fs;
for (const name of (process.env['KILL_STEPS'] ?? 'rename,rm').split(',')) {
  const step = steps[name];
  if (typeof step !== 'function') throw new Error(`there is no step ${name}`);
  steps[name] = async (/** @type {unknown[]} */ ...args) => {
    pass();
    /** @type {unknown} */
    const done = await step(...args);
    pass();
    return done;
  };
}
syncBuiltinESMExports();
