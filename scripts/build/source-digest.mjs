// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Everything that ends up in, or decides about, the built files. */
const inputs = [
  'src',
  'assets',
  'test/demo',
  'test/support',
  'scripts/build',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.web.json',
  'electron.vite.config.ts',
  'vite.cli.config.ts',
  'vite.demo.config.ts',
];

/**
 * @param {string} path
 * @returns {string[]} every file at or below `path`; none when it does not exist
 */
function filesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/**
 * A short name for the state of the sources: changes when a file is added, removed or written.
 * @param {string} root folder of package.json
 * @returns {string}
 */
export function sourceDigest(root) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesBelow(join(root, input))).sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}
