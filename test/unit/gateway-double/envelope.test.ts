import { afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import { echoBackend } from '../../support/gateway/backend-function';
import type { GatewayOptions } from '../../support/gateway/settings';
import { RawRouter } from './raw-router';

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function connected(options: GatewayOptions = {}): Promise<RawRouter> {
  gateway = await startGateway({ backend: echoBackend(), ...options });
  return RawRouter.connect(gateway.url);
}

describe('the envelope', () => {
  it('wraps the reply with its id, a whole-second UTC timestamp and the source', async () => {
    const router = await connected();
    router.send({ jsonrpc: '2.0', id: 'a', method: 'ping' });
    const frame: unknown = JSON.parse(await router.nextFrame());
    expect(frame).toStrictEqual({
      id: 'a',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      source: 'gateway',
      mcp_payload: { jsonrpc: '2.0', result: { method: 'ping' }, id: 'a' },
    });
  });
});
