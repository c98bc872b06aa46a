// @ts-check
// npm run pack: an unpacked app for this platform in dist/, with the fuses as they are shipped. Needs no download but Electron's.
import { preflight } from './preflight.mjs';
import { rmSync } from 'node:fs';
import { build } from './build.mjs';
import { checkout, tool } from './checkout.mjs';
import { capture } from './child.mjs';
import { resolveElectron } from './electron-runtime.mjs';
import { packedApp } from './pack/packed-app.mjs';

/** @returns {Promise<boolean>} */
async function pack() {
  if (!(await preflight(['electron'])) || !(await build({ ifStale: true }))) return false;
  const electron = await resolveElectron();
  const { folder, executablePath } = packedApp();
  rmSync(folder, { recursive: true, force: true });
  console.log(`Packing with Electron ${electron.version} ...`);
  const settings = [`--config.electronDist=${electron.dist}`, `--config.electronVersion=${electron.version}`];
  const { code, stdout, stderr } = await capture(
    process.execPath,
    [tool('electron-builder'), '--dir', ...settings],
    {
      cwd: checkout,
    },
  );
  if (code !== 0) console.error(`${stdout}${stderr}`);
  else console.log(executablePath);
  return code === 0;
}

process.exitCode = (await pack()) ? 0 : 1;
