import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { RouterProcess, TemporaryHome } from '../support/router-process';
import { gatewayAuthorityPem, peerKinds, TOKEN, type ProxiedPeer } from '../support/proxied-peers';
import { TestProxy } from '../support/test-proxy';

const PASSWORD = 'proxy-pa55word-0123';

let home: TemporaryHome;
let peer: ProxiedPeer;
let proxy: TestProxy;

beforeEach(async () => {
  home = new TemporaryHome();
  const start = peerKinds['WebSocket'];
  if (start === undefined) throw new Error('no such peer');
  peer = await start();
  proxy = await TestProxy.start({ login: `ann:${PASSWORD}` });
});

afterEach(async () => {
  await proxy.stop();
  await peer.stop();
  home.remove();
});

describe('mcp-router behind a proxy', () => {
  it.each([
    ['the environment', [], 'HTTPS_PROXY'],
    ['its file', ['url', 'username: ann', 'password_file: ~/proxy-password'], null],
  ])('SEC-36 SEC-38 that %s names', async (_where, keys, variable) => {
    home.write('proxy-password', PASSWORD);
    const ca = home.write('ca.pem', gatewayAuthorityPem, 0o644);
    const lines = keys.map((line) => `    ${line === 'url' ? `url: ${proxy.urlFor()}` : line}`);
    const config = home.write(
      'router.yaml',
      [
        'gateway:',
        `  url: ${peer.url}`,
        `  tls: { ca_cert_path: ${ca} }`,
        ...(lines.length === 0 ? [] : ['  proxy:', ...lines]),
        'logging: { level: debug }',
        '',
      ].join('\n'),
    );
    const named = variable === null ? {} : { [variable]: proxy.urlFor('localhost', `ann:${PASSWORD}`) };
    const env = { MCP_AUTH_TOKEN: TOKEN, ...named };
    const router = new RouterProcess(home, { args: ['--config', config], env });
    router.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    });
    expect(await router.reply(1, 20_000)).toHaveProperty('result');
    router.child.stdin?.end();
    expect(await router.exited).toBe(0);
    expect(proxy.requests.length).toBeGreaterThan(0);
    expect(router.stderr).not.toContain(PASSWORD);
    expect(router.stderr).not.toContain(Buffer.from(`ann:${PASSWORD}`).toString('base64'));
  });
});
