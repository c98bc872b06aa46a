// @ts-check
// What a plain Electron holds as resources/default_app.asar: `electron [-r MODULE ...] FOLDER` starts the app in that folder.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app as electronApp } from 'electron';

/** @type {any} Two of its functions are there for this program alone and have no types. */
const app = electronApp;
const rest = process.argv.slice(1);
/** @type {string[]} */
const preloaded = [];
/** @type {string | undefined} */
let folder;
while (folder === undefined && rest.length > 0) {
  const argument = rest.shift() ?? '';
  if (argument === '-r' || argument === '--require') preloaded.push(rest.shift() ?? '');
  else if (!argument.startsWith('-')) folder = argument;
}
if (folder === undefined) {
  console.error('Usage: electron [-r MODULE ...] FOLDER');
  process.exit(64);
}
const appPath = resolve(folder);
const manifest = JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8'));
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
app.setDesktopName(manifest.desktopName ?? `${manifest.name}.desktop`);
app.setAppPath(appPath);
const require = createRequire(import.meta.url);
for (const module of preloaded) require(resolve(module));
await import(pathToFileURL(join(appPath, manifest.main ?? 'index.js')).href);
