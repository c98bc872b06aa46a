import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, describe, expect, it } from 'vitest';

import { HttpBench } from '../support/http-bench';
import { ModernServer } from '../support/modern-server';
import { emptyEnvironment, TemporaryHome } from '../support/router-process';

const bench = new HttpBench();
afterEach(() => bench.stop());

const VERSION = '2026-07-28';
const meta = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('a server of the 2026 era', () => {
  it('gets headers that equal the body, and no session', async () => {
    const { http } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor());
    client.request(1, 'tools/call', { name: 'echo', arguments: { a: 1 }, _meta: meta });
    expect((await client.reply(1)).result).toMatchObject({ content: [{ text: '{"a":1}' }] });
    client.request(2, 'tools/list', { _meta: meta });
    expect(await client.reply(2)).toHaveProperty('result.tools');
    const [call, list] = http.posts();
    expect(call?.headers).toMatchObject({
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    });
    expect(list?.headers).toMatchObject({ 'mcp-method': 'tools/list' });
    expect(list?.headers['mcp-name']).toBeUndefined();
    expect(http.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('repeats the arguments that a tool wants in headers', async () => {
    const { http } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor());
    client.request(1, 'tools/list', { _meta: meta });
    await client.reply(1);
    client.request(2, 'tools/call', { name: 'routed', arguments: { region: 'eu west' }, _meta: meta });
    expect((await client.reply(2)).result).toMatchObject({ content: [{ text: 'eu west' }] });
    expect(http.posts('routed')[0]?.headers['mcp-param-region']).toBe('eu west');
  });

  it('carries progress on the stream of the answer', async () => {
    const { http } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor());
    const _meta = { ...meta, progressToken: 'p' };
    client.request(1, 'tools/call', { name: 'progress', arguments: {}, _meta });
    await client.reply(1);
    const methods = client.replies.map(({ method }) => method);
    expect(methods).toEqual([...Array<string>(3).fill('notifications/progress'), undefined]);
  });

  it('passes its errors on unchanged', async () => {
    const { http } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor());
    const unknown = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    client.request(1, 'tools/list', { _meta: unknown });
    expect((await client.reply(1)).error).toMatchObject({ code: -32022, data: { supported: [VERSION] } });
    client.request(2, 'no/such', { _meta: meta });
    expect((await client.reply(2)).error).toMatchObject({ code: -32601 });
  });

  it('is cancelled by closing the exchange, and hears of no notification', async () => {
    const { http } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor());
    client.request(1, 'tools/call', { name: 'hang', arguments: {}, _meta: meta });
    await http.until('the call', () => http.posts('hang').length === 1);
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await http.until('given up', () => http.givenUp > 0);
    client.request(2, 'tools/list', { _meta: meta });
    await client.reply(2);
    expect(http.posts('cancelled')).toEqual([]);
    expect(client.lines).toHaveLength(1);
  });

  it('keeps a subscription open beyond the deadline of requests', async () => {
    const { http, handler } = bench.own(await ModernServer.start());
    const client = bench.attach(http.urlFor(), { local: { request_timeout_ms: 100 } });
    client.request('sub', 'subscriptions/listen', { notifications: { toolsListChanged: true }, _meta: meta });
    await client.until('the acknowledgement', () =>
      client.lines.some((line) => line.includes('acknowledged')),
    );
    client.request(1, 'tools/call', { name: 'hang', arguments: {}, _meta: meta });
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout' });
    handler.notify.toolsChanged();
    await client.until('the news', () => client.lines.some((line) => line.includes('list_changed')));
  });
});

describe('a client of the 2026 era on the built command line', () => {
  it('finds the era out and uses it', async () => {
    const { http } = bench.own(await ModernServer.start());
    const home = new TemporaryHome();
    const config = home.write('router.yaml', `gateway:\n  url: ${http.urlFor()}\n  auth:\n    type: none\n`);
    const client = new Client(
      { name: 'modern client', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: ['out/cli/mcp-router.js', '--config', config],
        env: definedOnly(emptyEnvironment(home.path)),
      }),
    );
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'echo',
      'routed',
      'progress',
      'hang',
      'question',
      'sample',
    ]);
    const call = { name: 'routed', arguments: { region: 'Zürich' } };
    expect((await client.callTool(call)).content).toEqual([{ type: 'text', text: 'Zürich' }]);
    await client.close();
    home.remove();
    expect(http.posts('"initialize"')).toEqual([]);
  });
});

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
