import { defineConfig } from 'vite';
import { nodeProgram } from './scripts/build/bundle-options.mjs';

export default defineConfig(nodeProgram(import.meta.dirname, 'out/fuzz', { fuzz: 'test/fuzz/cli.ts' }));
