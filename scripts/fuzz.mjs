// @ts-check
// npm run fuzz [-- --target NAME ... --cases N --seed N]: many random cases for each parser (test/fuzz).
import './preflight/node-version.mjs';
import { join } from 'node:path';
import { checkout, tool } from './checkout.mjs';
import { capture, exitCodeOf } from './child.mjs';
import { startOwned } from './desktop/owned-process.mjs';

const built = await capture(process.execPath, [tool('vite'), 'build', '--config', 'vite.fuzz.config.ts'], {
  cwd: checkout,
});
if (built.code !== 0) {
  console.error(`${built.stdout}${built.stderr}`.trim());
  process.exit(1);
}
const program = startOwned(
  process.execPath,
  [join(checkout, 'out', 'fuzz', 'fuzz.js'), ...process.argv.slice(2)],
  { cwd: checkout, stdio: 'inherit' },
);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void program.close(1000));
}
const { code, signal } = await program.ended;
process.exitCode = exitCodeOf(code, signal);
