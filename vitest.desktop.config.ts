import { defineConfig } from 'vitest/config';

/** Tests of the real app; scripts/desktop-session.mjs gives them a display, a session bus and a keyring. */
export default defineConfig({
  cacheDir: process.env['MCP_ROUTER_ARTIFACTS']
    ? `${process.env['MCP_ROUTER_ARTIFACTS']}/.vitest`
    : 'out/.vitest',
  test: {
    name: 'desktop',
    include: ['test/e2e/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
