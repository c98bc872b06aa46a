import { describe, expect, it } from 'vitest';

import { createEnvironment } from '../../../src/main/platform/environment';

describe('createEnvironment', () => {
  const environment = createEnvironment({ MCP_AUTH_TOKEN: 'sk-1', EMPTY: '' });

  it('gives the value of a variable', () => {
    expect(environment.variable('MCP_AUTH_TOKEN')).toBe('sk-1');
  });

  it('treats an empty variable as not set', () => {
    expect(environment.variable('EMPTY')).toBeUndefined();
  });

  it('knows nothing that only every object has', () => {
    expect(environment.variable('constructor')).toBeUndefined();
    expect(environment.variable('__proto__')).toBeUndefined();
  });
});
