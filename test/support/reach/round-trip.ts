import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { emptyEnvironment, type TemporaryHome } from '../router-process';

/** What a client of the SDK got through the built command line. */
export interface RoundTrip {
  readonly server: string;
  readonly toolCount: number;
  /** What the tool `echo` answered, as text. */
  readonly echo: string;
}

/** How `mcp-router` is started under a client of the SDK. */
export interface Start {
  readonly command: readonly [string, ...string[]];
  readonly variables: Readonly<Record<string, string>>;
  /** Hears all of stderr so far, each time there is more. */
  readonly onStderr?: (text: string) => void;
}

/** Starts `mcp-router` under a client of the SDK, lists the tools and calls one. */
export async function roundTrip(home: TemporaryHome, start: Start): Promise<RoundTrip> {
  const [command, ...args] = start.command;
  const env = Object.entries(emptyEnvironment(home.path, start.variables)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const transport = new StdioClientTransport({
    command,
    args,
    env: Object.fromEntries(env),
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    start.onStderr?.(stderr);
  });
  const client = new Client({ name: 'sdk client', version: '1.0.0' });
  try {
    await client.connect(transport);
    const { tools } = await client.listTools();
    const { content } = await client.callTool({ name: 'echo', arguments: { message: 'there and back' } });
    const server = client.getServerVersion()?.name ?? '';
    return { server, toolCount: tools.length, echo: JSON.stringify(content) };
  } catch (error) {
    throw new Error(`the router said:\n${stderr}`, { cause: error });
  } finally {
    await client.close();
  }
}
