import { defineConfig } from 'vitest/config';

/** On the stage that scripts/desktop-session.mjs makes; nothing is written into the checkout. */
const artifacts = process.env['MCP_ROUTER_ARTIFACTS'] ?? 'artifacts';

/** Tests of the real app; scripts/desktop-session.mjs gives them a display, a session bus and a keyring. */
export default defineConfig({
  cacheDir: `${process.env['TMPDIR'] ?? 'out'}/.vitest`,
  test: {
    name: 'desktop',
    include: ['test/e2e/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    // On a build server only; `npm test` names every test that needed it.
    retry: process.env['CI'] === undefined ? 0 : 1,
    // Machines that build are slow at times; one second, the default, is not enough for them.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', ['json', { outputFile: `${artifacts}/reports/desktop.json` }]],
  },
});
