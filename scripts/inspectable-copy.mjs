// @ts-check
// Copies the packed app and lets the copy be inspected: Playwright cannot attach to what is shipped. Nothing else differs.
// As a program: `node scripts/inspectable-copy.mjs TARGET_FOLDER` prints the path of its executable.
import { cpSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { packedApp } from './pack/packed-app.mjs';

/**
 * @param {string} target folder that is made anew
 * @param {{ folder: string, executablePath: string }} [packed]
 * @returns {Promise<string>} path of the copy's executable
 */
export async function inspectableCopy(target, packed = packedApp()) {
  rmSync(target, { recursive: true, force: true });
  cpSync(packed.folder, target, { recursive: true, verbatimSymlinks: true });
  const executablePath = join(target, relative(packed.folder, packed.executablePath));
  await flipFuses(executablePath, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: process.platform === 'darwin',
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  return executablePath;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    console.error('Name the folder of the copy.');
    process.exit(64);
  }
  console.log(await inspectableCopy(target));
}
