import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const quietConsole = ['./test/support/quiet-console.ts'];

export default defineConfig({
  // node_modules may belong to somebody else: nothing is written there.
  cacheDir: 'out/.vitest',
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: ['test/unit/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
          environment: 'node',
          setupFiles: quietConsole,
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          environment: 'node',
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        plugins: [react()],
        test: {
          name: 'component',
          include: ['test/component/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: quietConsole,
          testTimeout: 15_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          // On a build server only; `npm test` names every test that needed it.
          retry: process.env['CI'] === undefined ? 0 : 1,
          include: ['test/integration/**/*.test.ts'],
          environment: 'node',
          // Machines that build are slow at times; one second, the default, is not enough for them.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
