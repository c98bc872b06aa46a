// @ts-check
// What a plain Electron holds as resources/default_app.asar: `electron <folder>` starts the app in that folder.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app as electronApp } from 'electron';

/** @type {any} Two of its functions are there for this program alone and have no types. */
const app = electronApp;

const folder = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (folder === undefined) {
  console.error('Usage: electron <folder of an app>');
  process.exit(64);
}
const appPath = resolve(folder);
const manifest = JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8'));
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
app.setDesktopName(manifest.desktopName ?? `${manifest.name}.desktop`);
app.setAppPath(appPath);
await import(pathToFileURL(join(appPath, manifest.main ?? 'index.js')).href);
