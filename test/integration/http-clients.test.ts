import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { HttpBench } from '../support/http-bench';
import { RecordedHttpServer } from '../support/recorded-http-server';
import { emptyEnvironment, TemporaryHome } from '../support/router-process';
import { SdkServer } from '../support/sdk-server';

const bench = new HttpBench();
afterEach(() => bench.stop());

describe('a client of the SDK on the built command line', () => {
  it('uses a server over Streamable HTTP with TLS and a token, in both directions', async () => {
    const authority = createAuthority('Test authority');
    const sdk = bench.own(
      await SdkServer.start({
        hasSessions: true,
        answersJson: false,
        certificate: authority.issueServer({ hosts: ['localhost'] }),
        token: () => 'secret',
      }),
    );
    const home = new TemporaryHome();
    const ca = home.write('ca.pem', authority.certificatePem);
    const config = home.write(
      'router.yaml',
      `gateway:\n  url: ${sdk.http.urlFor('/mcp', 'localhost')}\n  auth:\n    token_env: MCP_AUTH_TOKEN\n  tls:\n    ca_cert_path: ${ca}\n`,
    );
    const client = new Client(
      { name: 'client', version: '1' },
      { capabilities: { elicitation: {}, roots: {} } },
    );
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home' }] }));
    const env = emptyEnvironment(home.path, { MCP_AUTH_TOKEN: 'secret' });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ['out/cli/mcp-router.js', '--config', config],
      env: Object.fromEntries(
        Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    });
    await client.connect(transport);
    // Until the server has this stream, the SDK drops what it asks of its own accord.
    const isListening = (): boolean =>
      sdk.http.requests.some(({ method, headers }) => method === 'GET' && 'mcp-session-id' in headers);
    await sdk.http.until('the GET stream', isListening);
    const { content } = await client.callTool({ name: 'elicit', arguments: {} });
    expect(JSON.stringify(content)).toContain('Ada');
    expect(JSON.stringify((await client.callTool({ name: 'roots', arguments: {} })).content)).toContain(
      'file:///home',
    );
    await client.close();
    await sdk.until('the goodbye', () => sdk.closedSessions.length === 1);
    home.remove();
  });
});

describe('a server of 2024 (HTTP+SSE)', () => {
  it('is found out by its answer to initialize, and used', async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old transport is what is tested here
    const sessions = new Map<string, SSEServerTransport>();
    const server = await RecordedHttpServer.start(async (request, response, incoming) => {
      const url = new URL(request.path, 'http://localhost');
      if (request.method === 'GET' && url.pathname === '/sse') {
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old transport is what is tested here
        const transport = new SSEServerTransport('/messages', response);
        sessions.set(transport.sessionId, transport);
        const mcp = new McpServer({ name: 'old', version: '1' });
        mcp.registerTool('echo', {}, () => ({ content: [{ type: 'text', text: 'old echo' }] }));
        await mcp.connect(transport);
        return;
      }
      const transport = sessions.get(url.searchParams.get('sessionId') ?? '');
      if (transport === undefined) response.writeHead(404).end('Cannot POST /sse');
      else await transport.handlePostMessage(incoming, response, JSON.parse(request.body));
    });
    bench.own(server);
    const client = bench.attach(server.urlFor('/sse'));
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'old' } });
    client.request(1, 'tools/call', { name: 'echo', arguments: {} });
    expect((await client.reply(1)).result).toMatchObject({ content: [{ text: 'old echo' }] });
    server.dropConnections();
    await bench.under.until('opened again', () => bench.under.kinds('handshake-replayed').length === 1);
    client.request(3, 'tools/call', { name: 'echo', arguments: {} });
    expect((await client.reply(3)).result).toMatchObject({ content: [{ text: 'old echo' }] });
  });

  it('SEC-35 is not believed when it names another origin to post to', async () => {
    const elsewhere = bench.own(await RecordedHttpServer.start((_request, response) => response.end()));
    const server = bench.own(
      await RecordedHttpServer.start((request, response) => {
        if (request.method === 'POST') return response.writeHead(405).end();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.write(`event: endpoint\ndata: ${elsewhere.urlFor('/steal')}\n\n`);
      }),
    );
    const client = bench.attach(server.urlFor('/sse'));
    client.request(1, 'initialize');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-error' });
    expect(elsewhere.requests).toEqual([]);
  });
});
