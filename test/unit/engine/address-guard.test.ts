import { describe, expect, it } from 'vitest';

import {
  createAddressGuard,
  isPublicAddress,
  type AddressGuard,
} from '../../../src/main/engine/auth/address-guard';

/** Documentation addresses (RFC 5737) count as public: nothing is asked here. */
const outside = (): Promise<AddressGuard> => createAddressGuard([new URL('https://203.0.113.7/')]);
const inside = (): Promise<AddressGuard> => createAddressGuard([new URL('https://10.0.0.5:8443/')]);

describe('addresses that another machine tells us', () => {
  it.each(['203.0.113.7', '8.8.8.8', '2001:4860:4860::8888'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'no address',
  ])('SEC-48 %s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    'http://auth.example.com/token',
    'http://127.0.0.1/token',
    'https://169.254.169.254/latest',
    'https://[::1]/token',
    'https://2130706433/token',
    'https://0x7f.1/token',
    'https://user:pass@auth.example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'nonsense',
  ])('SEC-48 %s is refused', async (address) => {
    const guard = await outside();
    expect(() => guard.checked(address)).toThrow(expect.objectContaining({ code: 'oauth-refused' }));
  });

  it('https to a name is taken, and inside a private network an internal address as well', async () => {
    expect((await outside()).checked('https://auth.example.com/token').host).toBe('auth.example.com');
    expect((await inside()).checked('https://192.168.1.1/token').host).toBe('192.168.1.1');
    await expect(inside().then((guard) => guard.checked('http://192.168.1.1/token'))).rejects.toThrow(
      'https',
    );
  });

  it('SEC-48 a name that leads inside is found out when it is looked up', async () => {
    const { lookup } = await outside();
    const failure = await new Promise((resolve) => {
      lookup('localhost', { all: true }, resolve);
    });
    expect(failure).toMatchObject({ code: 'oauth-refused' });
    const local = await inside();
    const allowed = await new Promise((resolve) => {
      local.lookup('localhost', { all: true }, resolve);
    });
    expect(allowed).toBeNull();
  });
});
