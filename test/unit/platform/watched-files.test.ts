import { describe, expect, it } from 'vitest';

import { responsesTo, watchedEntries, watchedFiles } from '../../../src/main/platform/watched-files';
import { routerConfigSchema } from '../../../src/shared/model/config';

const config = (gateway: object, advanced: object = {}): ReturnType<typeof routerConfigSchema.parse> =>
  routerConfigSchema.parse({ gateway: { url: 'wss://gateway.example/', ...gateway }, advanced });
const metricsOf = (metrics: object): ReturnType<typeof routerConfigSchema.parse>['metrics'] =>
  routerConfigSchema.parse({ gateway: { url: 'wss://gateway.example/' }, metrics }).metrics;
const places = {
  configPath: '/home/ada/router.yaml',
  secretIndexPath: '/home/ada/.local/state/mcp-router/secrets.json',
  place: { platform: 'linux', env: {}, home: '/home/ada' },
} as const;

describe('what is watched', () => {
  it('is every file that a connection reads, with ~ expanded', () => {
    const auth = { token_file: '~/.mcp/token', client_cert: '/c.crt', client_key: '/c.key' };
    expect(watchedFiles(config({ auth, tls: { ca_cert_path: '/ca.crt' } }), places)).toEqual([
      { path: '/home/ada/router.yaml', part: 'config' },
      { path: '/home/ada/.mcp/token', part: 'credential' },
      { path: '/c.crt', part: 'credential' },
      { path: '/c.key', part: 'credential' },
      { path: '/ca.crt', part: 'credential' },
    ]);
    expect(
      watchedFiles(config({ auth: { client_pkcs12: '/c.p12', passphrase_file: '/p' } }), places),
    ).toMatchObject([{ part: 'config' }, { path: '/c.p12' }, { path: '/p' }]);
  });

  it('is what the token of the metrics is read from as well', () => {
    const none = config({ auth: { type: 'none' } });
    const ofFile = { ...none, metrics: metricsOf({ token_file: '~/metrics' }) };
    expect(watchedFiles(ofFile, places)).toContainEqual({ path: '/home/ada/metrics', part: 'metrics-token' });
    const ofEntry = { ...none, metrics: metricsOf({ token_secure_key: 'metrics' }) };
    expect(watchedFiles(ofEntry, places)).toContainEqual({
      path: places.secretIndexPath,
      part: 'secret-index',
    });
  });

  it('includes our index of keychain entries only where an entry is used', () => {
    const used = config({ auth: { token_secure_key: 'gateway' } });
    expect(watchedFiles(used, places)).toContainEqual({ path: places.secretIndexPath, part: 'secret-index' });
    expect(watchedEntries(used)).toEqual(['gateway']);
    expect(watchedEntries(config({ auth: { token_secure_key: 'x', token_storage: 'memory' } }))).toEqual([]);
    expect(watchedEntries(config({ auth: { type: 'none' } }))).toEqual([]);
  });

  it('is the place of the configuration alone while there is none, and nothing when it is switched off', () => {
    expect(watchedFiles(null, places)).toEqual([{ path: '/home/ada/router.yaml', part: 'config' }]);
    expect(watchedFiles(config({ auth: { token_file: '/t' } }, { watch_files: false }), places)).toEqual([]);
  });
});

describe('what is done about a change', () => {
  const auth = { token_file: '/t', token_secure_key: 'gateway' };
  const files = watchedFiles({ ...config({ auth }), metrics: metricsOf({ token_file: '/m' }) }, places);

  it.each([
    [['/home/ada/router.yaml'], ['reload']],
    [['/t', '/m', '/home/ada/router.yaml'], ['reload']],
    [['/t'], ['renew']],
    [['/t', places.secretIndexPath], ['renew']],
    [[places.secretIndexPath], ['ask-keychain']],
    [['/m'], ['read-metrics-token']],
    [
      ['/m', '/t'],
      ['read-metrics-token', 'renew'],
    ],
    [['/elsewhere'], []],
    [[], []],
  ] as const)('%j: %s', (changed, response) => {
    expect(responsesTo(changed, files)).toEqual(response);
  });
});
