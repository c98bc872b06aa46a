// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Called by electron-builder: takes out what the runtime brought for starting apps from a folder.
 * @param {{ appOutDir: string, electronPlatformName: string }} context
 */
export function afterPack({ appOutDir, electronPlatformName }) {
  if (electronPlatformName === 'darwin') return;
  for (const name of [join('resources', 'default_app.asar'), 'mcp-router-runtime.json', 'version']) {
    rmSync(join(appOutDir, name), { force: true });
  }
}
