import { describe, expect, it } from 'vitest';

import {
  chooseProxy,
  proxyLogin,
  proxyUrlProblem,
  shownProxy,
  type ProxyChoice,
} from '../../../src/shared/model/proxy-choice';
import { testConfig } from '../../support/engine-client';

const ENCRYPTED = { host: 'gateway.example.com', port: 443, isEncrypted: true };
const PLAIN = { ...ENCRYPTED, port: 80, isEncrypted: false };

function choose(
  env: Readonly<Record<string, string>>,
  proxy: Record<string, unknown> = {},
  target = ENCRYPTED,
): ProxyChoice {
  const { gateway } = testConfig('wss://gateway.example.com', { gateway: { proxy } });
  return chooseProxy(gateway.proxy, target, { variable: (name) => env[name] });
}

/** `address source`, or why there is none. */
function shown(choice: ProxyChoice): string {
  switch (choice.kind) {
    case 'direct':
      return choice.reason;
    case 'unusable':
      return `${choice.source.name} ${choice.problem}`;
    case 'proxy':
      return `${shownProxy(choice.address)} ${choice.source.name}`;
  }
}

describe('which proxy is taken', () => {
  const all = {
    https_proxy: 'http://one:1',
    HTTPS_PROXY: 'http://two:2',
    http_proxy: 'http://three:3',
    HTTP_PROXY: 'http://four:4',
    all_proxy: 'http://five:5',
    ALL_PROXY: 'http://six:6',
  };
  const without = (...names: readonly string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

  it.each([
    ['encrypted', all, 'http://one:1 https_proxy'],
    ['encrypted', without('https_proxy'), 'http://two:2 HTTPS_PROXY'],
    ['encrypted', without('https_proxy', 'HTTPS_PROXY'), 'http://five:5 all_proxy'],
    ['encrypted', without('https_proxy', 'HTTPS_PROXY', 'all_proxy'), 'http://six:6 ALL_PROXY'],
    ['encrypted', { HTTP_PROXY: 'http://four:4' }, 'no-proxy-named'],
    ['plain', all, 'http://three:3 http_proxy'],
    ['plain', without('http_proxy'), 'http://four:4 HTTP_PROXY'],
    ['plain', without('http_proxy', 'HTTP_PROXY'), 'http://five:5 all_proxy'],
    ['plain', { HTTPS_PROXY: 'http://two:2' }, 'no-proxy-named'],
    ['encrypted', {}, 'no-proxy-named'],
    ['encrypted', { https_proxy: ' ', HTTPS_PROXY: 'http://two:2' }, 'http://two:2 HTTPS_PROXY'],
  ])('%s target, %o', (kind, env, expected) => {
    expect(shown(choose(env, {}, kind === 'plain' ? PLAIN : ENCRYPTED))).toBe(expected);
  });

  it.each([
    ['http://proxy', 'http://proxy:80'],
    ['https://proxy', 'https://proxy:443'],
    ['proxy:3128', 'http://proxy:3128'],
    ['user:pass@proxy:3128', 'http://proxy:3128'],
    ['HTTP://Proxy.Example:3128/', 'http://proxy.example:3128'],
    ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
    ['http://proxy:3128/ignored?too', 'http://proxy:3128'],
  ])('a variable may be written %s', (text, address) => {
    expect(shown(choose({ HTTPS_PROXY: text }))).toBe(`${address} HTTPS_PROXY`);
  });

  it.each(['socks5://proxy:1080', 'socks5h://user:pa55@proxy', 'SOCKS4://proxy', 'socks://proxy'])(
    'SEC-36 %s is refused, not passed by',
    (text) => {
      const choice = choose({ ALL_PROXY: text });
      expect(shown(choice)).toMatch(/^ALL_PROXY names a SOCKS proxy, which is not supported/);
      expect(JSON.stringify(choice)).not.toContain('pa55');
    },
  );

  it.each([
    'http://',
    'ftp://proxy',
    'http://pro xy',
    '://',
    'http://u%zz:pa55@proxy',
    'http://a%3Ab:pa55@proxy',
    'http://a:pa55%0d%0aX@proxy',
  ])('SEC-36 SEC-38 %s cannot be used, so nothing connects; it is not repeated', (text) => {
    const choice = choose({ HTTPS_PROXY: text });
    expect(choice.kind).toBe('unusable');
    expect(JSON.stringify(choice)).not.toMatch(/pa55|pro xy/);
  });

  it('SEC-38 the choice holds no secret of the variable', () => {
    const choice = choose({ HTTPS_PROXY: 'http://ann:pa55@proxy:3128' });
    expect(choice).toMatchObject({ kind: 'proxy', hasLogin: true });
    expect(JSON.stringify(choice)).not.toMatch(/ann|pa55/);
    expect(proxyLogin('http://ann:p%40%3A5%20%C3%A9@proxy')).toEqual({ username: 'ann', password: 'p@:5 é' });
    expect(proxyLogin('http://proxy')).toBeNull();
    expect(proxyLogin('ann@proxy:3128')).toEqual({ username: 'ann', password: '' });
  });
});

describe('exceptions', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128' };
  const url = { url: 'http://named:1' };

  it.each([
    [{ ...env, NO_PROXY: 'example.com' }, {}, 'excepted'],
    [{ ...env, no_proxy: 'other', NO_PROXY: 'example.com' }, {}, 'http://proxy:3128 HTTPS_PROXY'],
    [{ ...env, NO_PROXY: 'example.com' }, { no_proxy: [] }, 'http://proxy:3128 HTTPS_PROXY'],
    [env, { no_proxy: ['example.com'] }, 'excepted'],
    [env, url, 'http://named:1 gateway.proxy.url'],
    [{ NO_PROXY: '*' }, url, 'http://named:1 gateway.proxy.url'],
    [{}, { ...url, no_proxy: ['.example.com'] }, 'excepted'],
    [env, { enabled: false }, 'switched-off'],
    [{}, { ...url, enabled: false }, 'switched-off'],
  ])('%o with %o', (variables, settings, expected) => {
    expect(shown(choose(variables, settings))).toBe(expected);
  });

  it('a target on this machine takes a proxy only when the configuration names it', () => {
    const target = { host: '127.0.0.1', port: 1, isEncrypted: true };
    expect(shown(choose(env, {}, target))).toBe('loopback');
    expect(shown(choose({ ALL_PROXY: 'socks5://p' }, {}, target))).toBe('loopback');
    expect(shown(choose(env, url, target))).toBe('http://named:1 gateway.proxy.url');
  });
});

describe('gateway.proxy.url', () => {
  it.each(['http://proxy', 'https://proxy:3128/', 'http://10.0.0.1:8080', 'http://[::1]:3128'])(
    '%s is good',
    (url) => {
      expect(proxyUrlProblem(url)).toBeNull();
    },
  );

  it.each([
    ['proxy:3128', 'must start with http'],
    ['socks5://proxy', 'SOCKS'],
    ['ftp://proxy', 'must start with http'],
    ['http://', 'is not the address'],
    ['http://ann:pa55@proxy', 'must not hold a user name or password'],
    ['http://ann@proxy', 'must not hold a user name or password'],
    ['http://proxy/path', 'host and port only'],
    ['http://proxy?x', 'host and port only'],
    ['http://proxy#x', 'host and port only'],
  ])('SEC-06 %s: %s', (url, problem) => {
    expect(proxyUrlProblem(url)).toContain(problem);
    expect(proxyUrlProblem(url)).not.toContain('pa55');
  });
});
