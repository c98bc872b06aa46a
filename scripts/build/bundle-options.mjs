// @ts-check
import { chmodSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

/** Electron 33, the oldest runtime of the tests, carries Node 20.18. */
export const nodeTarget = 'node20.18';

/** What a bundle for Node may leave to be found when it runs: nothing of node_modules but these. */
export const nodeExternals = [/^node:/, ...builtinModules, 'electron', 'keytar'];

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** What the sources ask the build for, and switches that keep ws from asking for native add-ons that are never installed. */
export const nodeDefines = {
  'process.env.WS_NO_BUFFER_UTIL': '"1"',
  'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
  __APP_VERSION__: JSON.stringify(version),
};

/**
 * Makes the entry file a program: one first line that names Node, and the executable bit.
 * @returns {import('vite').Plugin}
 */
function executable() {
  return {
    name: 'executable',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk' || !file.isEntry) continue;
        file.code = `#!/usr/bin/env node\n${file.code.replace(/^#!.*\n/, '')}`;
      }
    },
    writeBundle(options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk' && file.isEntry) chmodSync(join(options.dir ?? '.', file.fileName), 0o755);
      }
    },
  };
}

/**
 * Options for programs that run on plain Node: one self-contained file, or several entries with parts that they share.
 * @param {string} root folder of package.json
 * @param {string} outDir relative to `root`
 * @param {Record<string, string>} entries output name without extension -> source file
 * @returns {import('vite').UserConfig}
 */
export function nodeProgram(root, outDir, entries) {
  return {
    root,
    define: nodeDefines,
    ssr: { noExternal: true, target: 'node' },
    plugins: [executable()],
    publicDir: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: nodeTarget,
      outDir,
      emptyOutDir: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: entries,
        external: nodeExternals,
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'parts/[name]-[hash].js',
          ...(Object.keys(entries).length === 1 && { codeSplitting: false }),
        },
      },
    },
  };
}
