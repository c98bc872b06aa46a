import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { Client as ModernClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** What `clients connect` writes into a client's file: no flag and no variable. */
export interface ClientEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/** That of a checkout. */
const ENTRY: ClientEntry = { command: process.execPath, args: [resolve('out/cli/mcp-router.js')] };

/** A program that people use, and the echo of a message that it got through the router. */
export interface RealClient {
  /** What it calls itself. */
  readonly name: string;
  echo(message: string): Promise<unknown>;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

const echoOf = (message: string): { name: 'echo'; arguments: { message: string } } => ({
  name: 'echo',
  arguments: { message },
});

/** The SDK, version 1. */
export async function sdkClient(env: Environment, entry = ENTRY): Promise<RealClient> {
  const client = new Client({ name: 'sdk-v1', version: '1' });
  await client.connect(new StdioClientTransport({ ...entry, args: [...entry.args], env: { ...env } }));
  return {
    name: 'sdk-v1',
    echo: async (message) => (await client.callTool(echoOf(message))).content,
    close: () => client.close(),
  };
}

/** The SDK, version 2. */
export async function modernSdkClient(env: Environment): Promise<RealClient> {
  const client = new ModernClient({ name: 'sdk-v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport({ ...ENTRY, args: [...ENTRY.args], env: { ...env } }));
  return {
    name: 'sdk-v2',
    echo: async (message) => (await client.callTool(echoOf(message))).content,
    close: () => client.close(),
  };
}

/** The same over HTTP, with a token of its own. `version` is what both sides agreed on. */
export async function modernHttpClient(
  url: URL,
  token: string,
): Promise<RealClient & { readonly version: string | undefined }> {
  const client = new ModernClient({ name: 'sdk-v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return {
    name: 'sdk-v2',
    version: client.getNegotiatedProtocolVersion(),
    echo: async (message) => (await client.callTool(echoOf(message))).content,
    close: () => client.close(),
  };
}

/** The command line of the MCP inspector: a process for each call. */
export function inspector(env: Environment, entry = ENTRY): RealClient {
  // It looks for its own package.json from where it is started.
  const cwd = dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector-cli'));
  const run = promisify(execFile);
  return {
    name: 'inspector-cli',
    echo: async (message) => {
      const call = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', `message=${message}`];
      const args = [join(cwd, 'index.js'), entry.command, ...entry.args, ...call];
      const { stdout } = await run(process.execPath, args, { cwd, env: { ...env } });
      const answer: unknown = JSON.parse(stdout);
      if (typeof answer !== 'object' || answer === null || !('content' in answer)) throw new Error(stdout);
      return answer.content;
    },
    close: () => Promise.resolve(),
  };
}
