import { describe, expect, it } from 'vitest';
import { echoBackend } from '../../support/gateway/backend-function';
import { startGateway } from '../../support/gateway/gateway';
import { resolveNamespace } from '../../support/gateway/namespaces';
import { errorOf, RawRouter } from './raw-router';

describe('the namespace of a message', () => {
  it.each([
    ['k8s', 'tools/call', { name: 'fs.read' }, 'k8s'],
    ['', 'initialize', {}, 'system'],
    ['', 'shutdown', undefined, 'system'],
    ['', 'tools/call', { name: 'fs.read' }, 'fs'],
    ['', 'tools/call', { name: 'read' }, 'read'],
    ['', 'tools/call', { name: 7 }, 'default'],
    ['', 'tools/call', undefined, 'default'],
    ['', 'tools/list', { namespace: 'k8s' }, 'k8s'],
    ['', 'tools/list', { namespace: 1 }, 'system'],
    ['', 'ping', {}, 'default'],
    ['', 'resources/list', {}, 'default'],
  ])('target %j, method %s, params %j: %s', (target, method, params, expected) => {
    expect(resolveNamespace(target, method, params)).toBe(expected);
  });

  it('chooses the backend, and an unknown one has no endpoints', async () => {
    const gateway = await startGateway({
      backend: echoBackend(),
      namespaces: {
        k8s: {
          kind: 'function',
          handle: (_, reply) => {
            reply.result('pods');
          },
        },
      },
    });
    const router = await RawRouter.connect(gateway.url);
    router.send({ jsonrpc: '2.0', id: 1, method: 'k8s.pods' }, { namespace: 'k8s' });
    expect(await router.nextPayload()).toContain('"result":"pods"');
    router.send({ jsonrpc: '2.0', id: 2, method: 'resources/list' }, { namespace: '' });
    expect(await router.nextPayload()).toContain('"method":"resources/list"');
    router.send({ jsonrpc: '2.0', id: 3, method: 'x' }, { namespace: 'nowhere' });
    expect(errorOf(await router.nextPayload())).toBe(
      '[router] UNAVAILABLE: no endpoints available for namespace: nowhere',
    );
    await gateway.stop();
  });
});
