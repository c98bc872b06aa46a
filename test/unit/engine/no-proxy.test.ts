import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addressBytes } from '../../../src/shared/model/ip-address';
import {
  isExcepted,
  isLoopbackHost,
  isReadableException,
  noProxyList,
} from '../../../src/shared/model/no-proxy';

const excepts = (list: string, host: string, port = 443): boolean =>
  isExcepted(noProxyList(list), { host, port, isEncrypted: true });

describe('SEC-36 the list of exceptions', () => {
  it.each([
    ['*', 'gateway.example.com'],
    ['example.com', 'example.com'],
    ['example.com', 'gateway.example.com'],
    ['EXAMPLE.com', 'example.COM'],
    ['example.com.', 'example.com'],
    ['example.com', 'example.com.'],
    ['.example.com', 'gateway.example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['gateway.example.com:443', 'gateway.example.com'],
    ['.example.com:443', 'gateway.example.com'],
    ['localhost', 'localhost'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:443', '10.0.0.1'],
    ['10.0.0.0/8', '10.255.0.1'],
    ['10.1.2.128/25', '10.1.2.129'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['2001:db8::1', '2001:db8:0:0::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8:ffff::9'],
    ['2001:db8::/33', '2001:db8:7fff::9'],
    ['10.0.0.0/8', '::ffff:10.1.1.1'],
    ['::ffff:10.0.0.0/104', '10.1.1.1'],
    ['other.example, gateway.example.com', 'gateway.example.com'],
    ['other.example gateway.example.com', 'gateway.example.com'],
    [',, gateway.example.com,', 'gateway.example.com'],
    ['my_host-1', 'my_host-1'],
  ])('%s names %s', (list, host) => {
    expect(excepts(list, host)).toBe(true);
  });

  it.each([
    ['', 'gateway.example.com'],
    ['example.com', 'notexample.com'],
    ['example.com', 'example.com.evil.example'],
    ['.example.com', 'example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'notexample.com'],
    ['gateway.example.com:8443', 'gateway.example.com'],
    ['gate*.example.com', 'gateway.example.com'],
    ['https://gateway.example.com', 'gateway.example.com'],
    ['10.0.0.1', '10.0.0.10'],
    ['0.0.1', '10.0.0.1'],
    ['.0.0.1', '10.0.0.1'],
    ['10.0.0.1:8443', '10.0.0.1'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.1.2.128/25', '10.1.2.127'],
    ['10.0.0.0/33', '10.0.0.1'],
    ['10.0.0.0/', '10.0.0.1'],
    ['10.0.0/8', '10.0.0.1'],
    ['2001:db8::/32', '2001:db9::1'],
    ['2001:db8::/33', '2001:db8:8000::1'],
    ['10.0.0.0/8', 'gateway.example.com'],
    ['::/0', '10.0.0.1'],
    ['[2001:db8::1]:8443', '2001:db8::1'],
  ])('%s does not name %s', (list, host) => {
    expect(excepts(list, host)).toBe(false);
  });

  it('takes any text for an entry and any for a host, without an exception', () => {
    const hostish = fc.oneof(fc.string(), fc.stringMatching(/^[\da-f.:/[\]*]{0,24}$/), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(hostish, hostish, (entry, host) => {
        expect(typeof excepts(entry, host)).toBe('boolean');
        expect(typeof isReadableException(entry)).toBe('boolean');
      }),
    );
  });

  it('reads every IPv6 address, and a network of all its bits names it alone', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        expect(addressBytes(one)).not.toBeNull();
        const isSame = JSON.stringify(addressBytes(one)) === JSON.stringify(addressBytes(other));
        expect(excepts(`[${one}]`, one)).toBe(true);
        expect(excepts(`${one}/128`, other)).toBe(isSame);
      }),
    );
  });
});

describe('targets on this machine', () => {
  it.each([
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ])('%s is one', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    'localhost.example.com',
    'notlocalhost',
    '128.0.0.1',
    '::2',
    '127.0.0.1.example.com',
    '0.0.0.0',
    '',
  ])('%s is none', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});
