// @ts-check
import { join } from 'node:path';
import { checkout } from '../checkout.mjs';

/**
 * Where `npm run pack` leaves the app.
 * @param {NodeJS.Platform} platform
 * @param {string} architecture as Node names it
 * @returns {{ folder: string, executable: string, resources: string }} the last two relative to `folder`
 */
export function packedLayout(platform, architecture) {
  const suffix = architecture === 'x64' ? '' : `-${architecture}`;
  if (platform === 'darwin') {
    const contents = join('MCP Router.app', 'Contents');
    return {
      folder: join(checkout, 'dist', `mac${suffix}`),
      executable: join(contents, 'MacOS', 'MCP Router'),
      resources: join(contents, 'Resources'),
    };
  }
  const system = platform === 'win32' ? 'win' : 'linux';
  return {
    folder: join(checkout, 'dist', `${system}${suffix}-unpacked`),
    executable: platform === 'win32' ? 'MCP Router.exe' : 'mcp-router',
    resources: 'resources',
  };
}

/** @returns {{ folder: string, executablePath: string, resources: string }} the packed app of this platform */
export function packedApp() {
  const { folder, executable, resources } = packedLayout(process.platform, process.arch);
  return { folder, executablePath: join(folder, executable), resources: join(folder, resources) };
}
