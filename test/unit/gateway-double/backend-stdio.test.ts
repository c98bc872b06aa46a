import { afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import { RawRouter } from './raw-router';

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

const everything = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const initialize = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'raw router', version: '1' },
};

describe('a stdio backend', () => {
  it('serves server-everything', async () => {
    gateway = await startGateway({
      backend: { kind: 'stdio', command: process.execPath, args: [everything, 'stdio'] },
    });
    const router = await RawRouter.connect(gateway.url);
    expect(await router.call('initialize', initialize)).toContain('mcp-servers/everything');
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await router.nextError()).toContain('backend returned status 202: ');
    expect(await router.call('tools/call', { name: 'echo', arguments: { message: 'hi' } }, 2)).toContain(
      'Echo: hi',
    );
  });
});
