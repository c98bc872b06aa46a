import { describe, expect, it } from 'vitest';
import {
  findDebugSwitches,
  isAllowedNavigation,
  isAllowedRequest,
  refusedSwitches,
} from '../../../src/main/hardening';

describe('isAllowedRequest', () => {
  it.each([true, false])('allows our own files (packed: %s)', (isPackaged) => {
    expect(isAllowedRequest('app://router/assets/a.js', isPackaged)).toBe(true);
  });

  it.each([
    'https://example.com/',
    'http://127.0.0.1:9091/metrics',
    'ws://127.0.0.1:8080/',
    'wss://gateway.example.com/mcp',
    'file:///etc/passwd',
    'ftp://example.com/a',
    'data:text/html,hello',
    'blob:app://router/1',
    'app://other/index.html',
    'app://router.evil/index.html',
    'chrome://gpu',
    'chrome-extension://a/b.js',
    'about:blank',
    '',
  ])('blocks %s, packed or not', (url) => {
    expect(isAllowedRequest(url, true)).toBe(false);
    expect(isAllowedRequest(url, false)).toBe(false);
  });

  it('allows the developer tools from source only', () => {
    expect(isAllowedRequest('devtools://devtools/bundled/a.js', false)).toBe(true);
    expect(isAllowedRequest('devtools://devtools/bundled/a.js', true)).toBe(false);
    expect(isAllowedRequest('devtools://remote/a.js', false)).toBe(false);
  });
});

describe('isAllowedNavigation', () => {
  it('allows our page to load again and nothing else', () => {
    expect(isAllowedNavigation('app://router/index.html')).toBe(true);
    expect(isAllowedNavigation('app://router/index.html#credentials')).toBe(true);
    for (const url of [
      'app://router/assets/a.svg',
      'app://router/index.html?x=1',
      'app://router/index.html?x=1#credentials',
      'https://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'about:blank',
    ]) {
      expect(isAllowedNavigation(url), url).toBe(false);
    }
  });
});

describe('debugging switches', () => {
  const given = (...names: readonly string[]): readonly string[] =>
    findDebugSwitches((name) => names.includes(name));

  it.each(['inspect', 'inspect-brk', 'remote-debugging-port', 'remote-debugging-pipe', 'no-sandbox'])(
    'finds --%s',
    (name) => {
      expect(given(name)).toEqual([name]);
    },
  );

  it('finds nothing in an ordinary start', () => {
    expect(given('hidden', 'ozone-platform', 'lang')).toEqual([]);
  });

  const found = ['remote-debugging-port'];

  it('SEC-19 refuses them in what is shipped', () => {
    expect(refusedSwitches({ isPackaged: true, isInspectable: false, found })).toEqual(found);
    expect(refusedSwitches({ isPackaged: true, isInspectable: false, found: [] })).toEqual([]);
  });

  it('obeys them from source, and in a build whose fuse allows inspection', () => {
    expect(refusedSwitches({ isPackaged: false, isInspectable: false, found })).toEqual([]);
    expect(refusedSwitches({ isPackaged: true, isInspectable: true, found })).toEqual([]);
  });
});
