import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FunctionBackend, FunctionSession } from '../../support/gateway/backend-function';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { Backend } from '../../support/gateway/backend';
import { rawMembers } from '../../support/gateway/json';
import { RawRouter } from './raw-router';

// Starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function connected(backend: Backend): Promise<RawRouter> {
  gateway = await startGateway({ backend, duplex: true });
  return RawRouter.connect(gateway.url);
}

describe('a duplex gateway', () => {
  it('carries requests of a server to the router and the answer back, while a request is in flight', async () => {
    const router = await connected({
      kind: 'stdio',
      command: process.execPath,
      args: ['test/support/servers/duplex.mjs'],
    });
    await router.call('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
      clientInfo: { name: 'raw router', version: '1' },
    });
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const answers = [
      [
        'ask-model',
        'sampling/createMessage',
        { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } },
      ],
      ['ask-person', 'elicitation/create', { action: 'accept', content: { colour: 'blue' } }],
      ['list-roots', 'roots/list', { roots: [{ uri: 'file:///tmp' }] }],
    ] as const;
    for (const [tool, method, result] of answers) {
      const question = await router.call('tools/call', { name: tool }, tool);
      expect(rawMembers(question).get('method')).toBe(JSON.stringify(method));
      const id: unknown = JSON.parse(rawMembers(question).get('id') ?? 'null');
      router.send({ jsonrpc: '2.0', id, result });
      const reply = await router.nextPayload();
      expect(rawMembers(reply).get('id')).toBe(JSON.stringify(tool));
      expect(reply).not.toContain('isError');
    }
  });

  it('carries progress, log messages and changed lists', async () => {
    const router = await connected({
      kind: 'stdio',
      command: process.execPath,
      args: ['test/support/servers/duplex.mjs'],
    });
    const progress = { name: 'count-slowly', arguments: { steps: 2 }, _meta: { progressToken: 't' } };
    expect(await router.call('tools/call', progress)).toBe(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":"t","total":2}}',
    );
    expect(JSON.parse(await router.nextFrame())).toMatchObject({
      id: null,
      source: 'gateway',
      mcp_payload: { params: { progress: 2 } },
    });
    expect(await router.nextPayload()).toContain('"id":1');
    expect(await router.call('tools/call', { name: 'log' }, 2)).toContain('notifications/message');
    expect(await router.nextPayload()).toContain('"id":2');
    expect(await router.call('tools/call', { name: 'change-tools' }, 3)).toContain('tools/list_changed');
    expect(await router.nextPayload()).toContain('"id":3');
  });

  it('handles messages concurrently and answers pings meanwhile', async () => {
    const replies = new Map<unknown, () => void>();
    const router = await connected({
      kind: 'function',
      handle: ({ id }, reply) => {
        replies.set(id, () => {
          reply.result({});
        });
      },
    });
    for (const id of [1, 2]) router.send({ jsonrpc: '2.0', id, method: 'slow' });
    await gateway?.until('both', () => replies.size === 2);
    router.ping('meanwhile');
    await router.until('a pong', () => router.pongs.length === 1);
    replies.get(2)?.();
    expect(await router.nextPayload()).toContain('"id":2');
    replies.get(1)?.();
    expect(await router.nextPayload()).toContain('"id":1');
  });

  it('brings an answer to the server that asked, and drops one that nobody asked for', async () => {
    const heard: string[] = [];
    const sessions: FunctionSession[] = [];
    const asking = (name: string): FunctionBackend => ({
      kind: 'function',
      handle: ({ method, result }, reply, session) => {
        if (method === '') heard.push(`${name} ${String(result)}`);
        else {
          sessions.push(session);
          reply.result({});
        }
      },
    });
    gateway = await startGateway({ duplex: true, namespaces: { a: asking('a'), b: asking('b') } });
    const router = await RawRouter.connect(gateway.url);
    for (const namespace of ['a', 'b']) {
      router.send({ jsonrpc: '2.0', id: 0, method: 'open' }, { namespace });
      await router.nextFrame();
    }
    sessions[1]?.send({ id: 7, method: 'roots/list' });
    expect(await router.nextPayload()).toContain('"id":7');
    router.send({ jsonrpc: '2.0', id: 8, result: 'nobody asked' });
    router.send({ jsonrpc: '2.0', id: 7, result: 'answer' });
    router.send({ jsonrpc: '2.0', id: 7, result: 'once more' });
    router.send({ jsonrpc: '2.0', id: 1, method: 'after' }, { namespace: 'a' });
    await router.nextFrame();
    expect(heard).toStrictEqual(['b answer']);
    expect(router.frames).toHaveLength(4);
  });
});
