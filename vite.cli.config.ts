import { defineConfig } from 'vite';
import { nodeProgram } from './scripts/build/bundle-options.mjs';

/** Attaching to a running router starts fast because `whole`, all the rest, is loaded only when it is needed. */
export default defineConfig(
  nodeProgram(import.meta.dirname, 'out/cli', {
    'mcp-router': 'src/main/cli/index.ts',
    whole: 'src/main/cli/whole.ts',
  }),
);
