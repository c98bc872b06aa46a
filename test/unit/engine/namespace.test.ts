import { describe, expect, it } from 'vitest';

import { namespaceOf } from '../../../src/main/engine/gateway/namespace';

describe('namespaceOf', () => {
  // gateway-protocol 4.1
  it.each([
    ['initialize', 'system'],
    ['tools/list', 'system'],
    ['tools/call', 'system'],
    ['ping', 'system'],
    ['tools/list2', 'default'],
    ['notifications/initialized', 'default'],
    ['k8s.pods.list', 'k8s'],
    ['a.b', 'a'],
    ['.hidden', undefined],
    ['', 'default'],
    [undefined, 'default'],
  ])('%s goes to %s', (method, namespace) => {
    expect(namespaceOf(method, 'default')).toBe(namespace);
  });

  it('uses the configured default', () => {
    expect(namespaceOf('resources/list', 'tools')).toBe('tools');
  });
});
