import { StreamableHTTPClientTransport as ModernHttpTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdioTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bareEnvironment, routerProgram } from '../conformance/router.mjs';
import { sessionAbilities, statelessAbilities, type Abilities } from '../support/door-abilities';
import { DoorBench } from '../support/door-bench';
import { HttpBench } from '../support/http-bench';
import { ModernServer } from '../support/modern-server';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { SdkServer } from '../support/sdk-server';

const LARGE = 8 * 1024 * 1024;
const LIMIT_MS = 60_000;

/** Where the servers of a door, its processes and its home go in the end. */
type Bench = HttpBench;

const sessionServer = async (bench: Bench): Promise<SdkServer> =>
  bench.own(await SdkServer.start({ hasSessions: true, answersJson: false }));

/** A home with a configuration, and what a client starts there. */
function homeFor(bench: Bench, url: string): { home: TemporaryHome; config: string } {
  const home = new TemporaryHome();
  bench.own({
    stop: () => {
      home.remove();
      return Promise.resolve();
    },
  });
  const text = `gateway: { url: ${url}, auth: { type: none } }\nmetrics: { enabled: false }\n`;
  return { home, config: home.write('router.yaml', text) };
}

interface Entry {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly stderr: 'pipe';
}

function entryOf(home: TemporaryHome, flags: readonly string[]): Entry {
  const { command, args } = routerProgram(flags);
  // Who has a setting of its own does not attach.
  const env = Object.fromEntries(
    Object.entries(bareEnvironment(home.path)).filter(([name]) => name !== 'MCP_METRICS_ENABLED'),
  );
  return { command, args: [...args], env, stderr: 'pipe' };
}

function ownEngine(bench: Bench, url: string): Entry {
  const { home, config } = homeFor(bench, url);
  return entryOf(home, ['--config', config]);
}

async function attached(bench: Bench, url: string): Promise<Entry> {
  const { home, config } = homeFor(bench, url);
  const router = new RouterProcess(home, { args: ['serve', '--config', config] });
  bench.own({
    stop: async () => {
      router.child.kill('SIGTERM');
      await router.exited;
    },
  });
  await router.until('the socket', () => router.stderr.includes('listening'), 30_000);
  return entryOf(home, ['--attach-only']);
}

async function overHttp(
  bench: Bench,
  url: string,
): Promise<[URL, { requestInit: { headers: { authorization: string } } }]> {
  const door = bench.own(await DoorBench.start(url));
  return [door.url, { requestInit: { headers: { authorization: `Bearer ${door.token}` } } }];
}

const doors: readonly { readonly door: string; readonly open: (bench: Bench) => Promise<Abilities> }[] = [
  {
    door: 'an engine of its own on stdio, 2025',
    open: async (bench) => {
      const server = await sessionServer(bench);
      return sessionAbilities(new StdioClientTransport(ownEngine(bench, server.http.urlFor())), server);
    },
  },
  {
    door: 'an engine of its own on stdio, 2026',
    open: async (bench) => {
      const server = bench.own(await ModernServer.start());
      return statelessAbilities(new ModernStdioTransport(ownEngine(bench, server.http.urlFor())), server);
    },
  },
  {
    door: 'the local socket, 2025',
    open: async (bench) => {
      const server = await sessionServer(bench);
      return sessionAbilities(new StdioClientTransport(await attached(bench, server.http.urlFor())), server);
    },
  },
  {
    door: 'the local socket, 2026',
    open: async (bench) => {
      const server = bench.own(await ModernServer.start());
      return statelessAbilities(
        new ModernStdioTransport(await attached(bench, server.http.urlFor())),
        server,
      );
    },
  },
  {
    door: 'HTTP, 2025',
    open: async (bench) => {
      const server = await sessionServer(bench);
      const address = await overHttp(bench, server.http.urlFor());
      return sessionAbilities(new StreamableHTTPClientTransport(...address), server);
    },
  },
  {
    door: 'HTTP, 2026',
    open: async (bench) => {
      const server = bench.own(await ModernServer.start());
      const address = await overHttp(bench, server.http.urlFor());
      return statelessAbilities(new ModernHttpTransport(...address), server);
    },
  },
];

describe.each(doors)('through $door', ({ open }) => {
  const bench = new HttpBench();
  let client: Abilities | undefined;
  beforeAll(async () => {
    client = await open(bench);
  }, LIMIT_MS);
  const opened = (): Abilities => {
    if (client === undefined) throw new Error('the door did not open');
    return client;
  };
  afterAll(async () => {
    await client?.close();
    await bench.stop();
  });

  it('sampling passes', async () => {
    expect(await opened().sample()).toContain('sampled');
  });

  it('elicitation passes', async () => {
    expect(await opened().elicit()).toContain('Ann');
  });

  it('progress passes, in order', async () => {
    expect(await opened().progress()).toEqual([1, 2, 3]);
  });

  it('cancellation passes', async () => {
    await expect(opened().cancel()).resolves.toBeUndefined();
  });

  it('subscriptions pass', async () => {
    expect(await opened().subscribe()).toBe('test://followed');
  });

  it(
    'a result of 8 MiB passes whole',
    async () => {
      const text = 'x'.repeat(LARGE);
      expect((await opened().echo(text)) === JSON.stringify({ text })).toBe(true);
    },
    LIMIT_MS,
  );
});
