import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { nodeProgram } from './scripts/build/bundle-options.mjs';

/** The embedded demo runs from a source checkout only; the packed app leaves `out/demo` out. */
const programs = {
  demo: 'test/demo/demo.ts',
  'round-trip': 'test/demo/round-trip.ts',
  'sample-client': 'test/demo/sample-client.ts',
  gateway: 'test/support/gateway/cli.ts',
};

const root = import.meta.dirname;
const present = Object.entries(programs).filter(([, source]) => existsSync(join(root, source)));

export default defineConfig(nodeProgram(root, 'out/demo', Object.fromEntries(present)));
