import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { DoorBench } from '../support/door-bench';
import { HttpBench } from '../support/http-bench';
import { ModernServer } from '../support/modern-server';
import { SdkServer } from '../support/sdk-server';

const bench = new HttpBench();
const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
  await bench.stop();
});

const LARGE = 8 * 1024 * 1024;

async function connected(
  door: DoorBench,
): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  const client = new Client(
    { name: 'sdk-v1', version: '1' },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'm',
    role: 'assistant',
    content: { type: 'text', text: 'sampled' },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ann' } }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///root' }] }));
  const transport = new StreamableHTTPClientTransport(door.url, {
    requestInit: { headers: { authorization: `Bearer ${door.token}` } },
  });
  await client.connect(transport);
  closes.push(() => client.close());
  return { client, transport };
}

const textOf = (result: unknown): string => {
  const [first] = CallToolResultSchema.parse(result).content;
  return first?.type === 'text' ? first.text : '';
};

describe.each([false, true])(
  'SDK v1 over HTTP, in front of a server of its era (JSON: %s)',
  (answersJson) => {
    it('carries calls, progress, questions, news, cancellation and large results', async () => {
      const server = bench.own(await SdkServer.start({ hasSessions: true, answersJson }));
      const door = bench.own(await DoorBench.start(server.http.urlFor()));
      const { client } = await connected(door);
      expect((await client.listTools()).tools).not.toEqual([]);

      const steps: number[] = [];
      // A server that answers with JSON cannot say anything in between.
      if (!answersJson) {
        const onprogress = ({ progress }: { progress: number }): void => void steps.push(progress);
        await client.callTool({ name: 'progress', arguments: {} }, undefined, { onprogress });
        expect(steps).toEqual([1, 2, 3]);
        expect(textOf(await client.callTool({ name: 'sample', arguments: {} }))).toContain('sampled');
        expect(textOf(await client.callTool({ name: 'elicit', arguments: {} }))).toContain('Ann');
      }
      expect(textOf(await client.callTool({ name: 'roots', arguments: {} }))).toContain('file:///root');

      const told = deferred();
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
        told.resolve();
      });
      await client.callTool({ name: 'tell', arguments: {} });
      await told.promise;

      const abort = new AbortController();
      const hanging = client.callTool({ name: 'hang', arguments: {} }, undefined, { signal: abort.signal });
      await server.http.until('the call', () => server.http.posts('"hang"').length === 1);
      abort.abort('enough');
      await expect(hanging).rejects.toThrow('enough');
      await server.until('cancelled', () => server.cancelled.length === 1);

      const large = 'x'.repeat(LARGE);
      expect(textOf(await client.callTool({ name: 'echo', arguments: { large } }))).toBe(
        JSON.stringify({ large }),
      );
    });
  },
);

describe('SDK v2 over HTTP in the 2026 era', () => {
  async function modern(door: DoorBench, mode: 'auto' | { pin: string }): Promise<ModernClient> {
    const client = new ModernClient(
      { name: 'sdk-v2', version: '1' },
      { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
    );
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ann' } }));
    const transport = new ModernTransport(door.url, {
      requestInit: { headers: { authorization: `Bearer ${door.token}` } },
    });
    await client.connect(transport);
    closes.push(() => client.close());
    return client;
  }

  it('passes through a server of that era, without any session', async () => {
    const server = bench.own(await ModernServer.start());
    const door = bench.own(await DoorBench.start(server.http.urlFor()));
    const client = await modern(door, { pin: '2026-07-28' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('routed');
    expect(textOf(await client.callTool({ name: 'routed', arguments: { region: 'Zürich' } }))).toBe('Zürich');

    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void steps.push(progress);
    await client.callTool({ name: 'progress', arguments: {} }, { onprogress });
    expect(steps).toEqual([1, 2, 3]);

    expect(textOf(await client.callTool({ name: 'question', arguments: {} }))).toBe('{"name":"Ann"}');

    const abort = new AbortController();
    const hanging = client.callTool({ name: 'hang', arguments: {} }, { signal: abort.signal });
    await server.http.until('the call', () => server.http.posts('"hang"').length === 1);
    abort.abort('enough');
    await expect(hanging).rejects.toThrow();
    await server.http.until('given up', () => server.http.givenUp > 0);

    const large = 'x'.repeat(LARGE);
    expect(textOf(await client.callTool({ name: 'echo', arguments: { large } }))).toBe(
      JSON.stringify({ large }),
    );
    expect(server.http.posts('"initialize"')).toEqual([]);
    expect(server.http.requests.every(({ headers }) => headers['mcp-session-id'] === undefined)).toBe(true);
  }, 30_000);

  it('is told that a server of sessions knows no such version, and goes on with a session', async () => {
    const server = bench.own(await SdkServer.start({ hasSessions: true, answersJson: false }));
    const door = bench.own(await DoorBench.start(server.http.urlFor()));
    const client = await modern(door, 'auto');
    expect(textOf(await client.callTool({ name: 'echo', arguments: { a: 1 } }))).toBe('{"a":1}');
    expect(server.http.posts('"initialize"')).toHaveLength(1);
    await expect(modern(door, { pin: '2026-07-28' })).rejects.toThrow(/version/i);
  });

  it('is at the same address as SDK v1, in front of a server of both eras', async () => {
    const server = bench.own(await ModernServer.start('stateless'));
    const door = bench.own(await DoorBench.start(server.http.urlFor()));
    const [{ client: first }, second] = await Promise.all([connected(door), modern(door, 'auto')]);
    const echo = { name: 'echo', arguments: { a: 1 } };
    const answers = await Promise.all([first, second, first, second].map((client) => client.callTool(echo)));
    expect(answers.map(textOf)).toEqual(Array<string>(4).fill('{"a":1}'));
    const versions = server.http.posts('"echo"').map(({ headers }) => headers['mcp-protocol-version']);
    expect(versions.sort()).toEqual(['2025-11-25', '2025-11-25', '2026-07-28', '2026-07-28']);
  });
});
