import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { nodeDefines, nodeExternals, nodeTarget } from './scripts/build/bundle-options.mjs';

const root = import.meta.dirname;

export default defineConfig({
  main: {
    define: nodeDefines,
    build: {
      externalizeDeps: false,
      target: nodeTarget,
      rolldownOptions: {
        input: { index: resolve(root, 'src/main/index.ts') },
        external: nodeExternals,
        output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      target: nodeTarget,
      rolldownOptions: {
        input: { index: resolve(root, 'src/preload/index.ts') },
        // A sandboxed page loads one CommonJS file; `.cjs` because the package is of type "module".
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src/renderer'),
    plugins: [react()],
    build: {
      target: 'chrome130',
      minify: true,
      cssMinify: true,
      // The content security policy allows files of our own and no `data:` addresses.
      assetsInlineLimit: 0,
      rolldownOptions: { input: { index: resolve(root, 'src/renderer/index.html') } },
    },
  },
});
