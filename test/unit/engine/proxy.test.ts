import { describe, expect, it } from 'vitest';

import { resolveProxy } from '../../../src/main/engine/auth/proxy';
import type { Proxy as HttpProxy } from '../../../src/main/engine/auth/proxy-tunnel';
import { createSecretMask } from '../../../src/main/platform/secret-mask';
import { enginePorts, testConfig, type FakeMachine } from '../../support/engine-client';

const target = { host: 'gateway.example.com', port: 443, isEncrypted: true };

async function resolve(
  proxy: Record<string, unknown>,
  machine: FakeMachine = {},
  more: Record<string, unknown> = {},
): Promise<{ readonly proxy: HttpProxy | null; readonly masked: (text: string) => string }> {
  const mask = createSecretMask();
  const config = testConfig('wss://gateway.example.com', { gateway: { proxy }, ...more });
  const found = await resolveProxy(config, target, { ...enginePorts(machine), mask });
  return { proxy: found, masked: (text) => mask.apply(text, 'every-form') };
}

const URL = 'http://proxy.example.com:3128';
const everywhere: FakeMachine = {
  secrets: { entry: { kind: 'found', value: 'of-keychain' } },
  variables: { PASS: 'of-variable' },
  files: { '/p': { kind: 'found', value: 'of-file\n' } },
};
const [entry, variable, file] = [
  { password_secure_key: 'entry' },
  { password_env: 'PASS' },
  { password_file: '/p' },
];

describe('the login of a proxy', () => {
  it.each([
    [{ ...entry, ...variable, ...file }, 'ann:of-keychain'],
    [{ ...variable, ...file }, 'ann:of-variable'],
    [file, 'ann:of-file'],
    [{}, 'ann:'],
  ])('comes from the first source that is named: %o', async (sources, login) => {
    const { proxy } = await resolve({ url: URL, username: 'ann', ...sources }, everywhere);
    expect(proxy?.login?.reveal()).toBe(login);
    expect(proxy?.address).toEqual({ host: 'proxy.example.com', port: 3128, isEncrypted: false });
    expect(proxy?.tls).toBeNull();
  });

  it('is none without a user name', async () => {
    expect((await resolve({ url: URL })).proxy?.login).toBeNull();
  });

  it.each([
    ['file', { url: URL, username: 'ann', ...file }, everywhere, 'of-file'],
    ['variable', {}, { variables: { HTTPS_PROXY: 'http://ann:p%40ss%20word@proxy:1' } }, 'p@ss word'],
  ])('SEC-38 is masked in every form, from a %s', async (_from, settings, machine, password) => {
    const { proxy, masked } = await resolve(settings, machine);
    expect(proxy?.login?.reveal()).toBe(`ann:${password}`);
    expect(JSON.stringify(proxy)).not.toContain(password);
    const basic = Buffer.from(`ann:${password}`).toString('base64');
    const text = masked(`${password} ${encodeURIComponent(password)} Basic ${basic}`);
    expect(text).toBe('[masked] [masked] Basic [masked]');
  });

  it.each([
    [{ ...entry }, { secrets: {} }, 'proxy-unusable'],
    [{ ...entry }, { secrets: { entry: { kind: 'locked-or-removed' } } }, 'keychain-locked'],
    [{ ...entry }, { secrets: { entry: { kind: 'unavailable', reason: 'x' } } }, 'keychain-unavailable'],
    [
      { ...file },
      { files: { '/p': { kind: 'refused', path: '/p', problem: 'chmod 600 /p' } } },
      'proxy-unusable',
    ],
    [{ ...file }, { files: { '/p': { kind: 'unreadable', path: '/p', reason: 'x' } } }, 'proxy-unusable'],
    [{ ...file }, { files: { '/p': { kind: 'found', value: ' \n' } } }, 'proxy-unusable'],
    [{ ...variable }, { variables: { PASS: 'line\r\nX: y' } }, 'proxy-unusable'],
  ] as const)('SEC-36 that cannot be had ends the search: %o %o', async (sources, machine, code) => {
    await expect(resolve({ url: URL, username: 'ann', ...sources }, machine)).rejects.toMatchObject({ code });
  });
});

describe('TLS to a proxy', () => {
  const files = { '/ca.pem': { kind: 'found', value: 'PEM' } } as const;

  it("SEC-37 is verified with roots of its own, whatever holds for the gateway's", async () => {
    const tls = { verify: false, ca_cert_path: '/other.pem', server_name: 'other.example' };
    const auth = { type: 'none' };
    const { proxy } = await resolve(
      { url: 'https://proxy.example.com', ca_cert_path: '/ca.pem' },
      { files },
      { gateway: { auth, tls, proxy: { url: 'https://proxy.example.com', ca_cert_path: '/ca.pem' } } },
    );
    expect(proxy?.tls?.options).toMatchObject({
      rejectUnauthorized: true,
      ca: 'PEM',
      servername: 'proxy.example.com',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
    expect(proxy?.tls).toMatchObject({ pins: [], client: null });
    expect(proxy?.address.port).toBe(443);
  });

  it('keeps to approved algorithms in fips_mode', async () => {
    const { proxy } = await resolve(
      { url: 'https://proxy.example.com' },
      {},
      { advanced: { compliance: { fips_mode: true } } },
    );
    expect(proxy?.tls?.suites.every((suite) => suite.includes('_AES_'))).toBe(true);
    expect(proxy?.tls?.options.ecdhCurve).toBe('P-256:P-384');
  });

  it('SEC-36 needs the file that is named', async () => {
    const settings = { url: 'https://proxy.example.com', ca_cert_path: '/none.pem' };
    await expect(resolve(settings)).rejects.toMatchObject({
      code: 'proxy-unusable',
      detail: 'ca_cert_path: there is no file /none.pem',
    });
  });
});
