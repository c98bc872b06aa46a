import { defineConfig } from 'vitest/config';
import desktop from './vitest.desktop.config';

/** Work that needs the real window and is no test: pictures for the documentation, and figures. */
export default defineConfig({
  ...desktop,
  test: {
    ...desktop.test,
    name: 'desktop-jobs',
    include: ['test/desktop-jobs/*.ts'],
    reporters: ['default'],
    retry: 0,
    testTimeout: 900_000,
  },
});
