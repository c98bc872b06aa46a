import { afterEach, beforeEach } from 'vitest';

/** Setup file: a test that makes the console warn fails, because nobody reads warnings in a passing run. */
const noise: string[] = [];

const record =
  (method: 'warn' | 'error') =>
  (...values: unknown[]): void => {
    noise.push(`console.${method}: ${values.map((value) => String(value)).join(' ')}`);
  };

beforeEach(() => {
  noise.length = 0;
  console.warn = record('warn');
  console.error = record('error');
});

afterEach(() => {
  if (noise.length > 0) throw new Error(`The test was noisy.\n${noise.join('\n')}`);
});
