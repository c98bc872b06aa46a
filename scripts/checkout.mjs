// @ts-check
import { join } from 'node:path';

/** Folder of package.json. */
export const checkout = join(import.meta.dirname, '..');

/**
 * A program of one of our dependencies, to be run with Node itself: works without a shell and without npx.
 * @param {'electron-vite' | 'vite' | 'vitest' | 'eslint' | 'prettier' | 'tsc' | 'electron-builder'} name
 * @returns {string} path of its JavaScript file
 */
export function tool(name) {
  const file = {
    'electron-vite': 'electron-vite/bin/electron-vite.js',
    vite: 'vite/bin/vite.js',
    vitest: 'vitest/vitest.mjs',
    eslint: 'eslint/bin/eslint.js',
    prettier: 'prettier/bin/prettier.cjs',
    tsc: 'typescript/bin/tsc',
    'electron-builder': 'electron-builder/cli.js',
  }[name];
  return join(checkout, 'node_modules', file);
}
