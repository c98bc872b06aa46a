/**
 * Shows that everything works: a real MCP client starts the router as any client would, and uses a tool through it.
 *
 *   round-trip --config FILE [--router PATH]
 *
 * Exit code 0 after a round trip, 1 with a reason otherwise, always within 30 seconds.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { parse } from 'yaml';
import { isJsonObject } from '../support/gateway/json';

const LIMIT_MS = 30_000;
const REQUEST_LIMIT_MS = 20_000;
const STDERR_TAIL_CHARACTERS = 2000;
const NAMES_SHOWN = 5;
const GREETING = 'Hello through MCP Router';

interface Timed<Value> {
  readonly value: Value;
  readonly elapsedMs: number;
}

async function timed<Value>(work: Promise<Value>): Promise<Timed<Value>> {
  const startedAt = performance.now();
  const value = await work;
  return { value, elapsedMs: performance.now() - startedAt };
}

const milliseconds = (elapsedMs: number): string => `${elapsedMs.toFixed(1)} ms`;

function say(label: string, text: string): void {
  process.stdout.write(`  ${label.padEnd(9)} ${text}\n`);
}

/** The address without user info or query, as it stands in the file. */
function gatewayUrl(configPath: string): string {
  const config: unknown = parse(readFileSync(configPath, 'utf8'));
  const gateway = isJsonObject(config) ? config['gateway'] : undefined;
  const url = new URL(String(isJsonObject(gateway) ? gateway['url'] : ''));
  return `${url.protocol}//${url.host}${url.pathname}`;
}

async function roundTrip(client: Client, transport: StdioClientTransport): Promise<void> {
  const limit = { timeout: REQUEST_LIMIT_MS };
  const initialize = await timed(client.connect(transport, limit));
  const server = client.getServerVersion();
  say('server', `${server?.name ?? 'nameless'} ${server?.version ?? ''}`.trimEnd());

  const list = await timed(client.listTools({}, limit));
  const names = list.value.tools.map((tool) => tool.name);
  const more = names.length > NAMES_SHOWN ? ', ...' : '';
  say('tools', `${names.length}: ${names.slice(0, NAMES_SHOWN).join(', ')}${more}`);

  const times = [
    `initialize ${milliseconds(initialize.elapsedMs)}`,
    `tools/list ${milliseconds(list.elapsedMs)}`,
  ];
  if (names.includes('echo')) {
    const request = { name: 'echo', arguments: { message: GREETING } };
    const call = await timed(client.callTool(request, undefined, limit));
    say('call', `echo("${GREETING}") -> "${textOf(call.value)}"`);
    times.push(`tools/call ${milliseconds(call.elapsedMs)}`);
  } else say('call', 'this server has no echo tool, so none was called');
  say('took', times.join(', '));
}

/** The first text of a tool's result; throws when the tool failed. */
function textOf(result: Readonly<Record<string, unknown>>): string {
  const content: unknown = Array.isArray(result['content']) ? result['content'][0] : undefined;
  const text = isJsonObject(content) ? String(content['text']) : '';
  if (result['isError'] === true) throw new Error(`the echo tool failed: ${text}`);
  return text;
}

function limited(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no round trip within ${LIMIT_MS / 1000} seconds`));
    }, LIMIT_MS);
    void work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

function environment(): Record<string, string> {
  const pairs = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(pairs);
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, router: { type: 'string' } },
  });
  if (values.config === undefined) throw new Error('name the configuration with --config FILE');
  const router = values.router ?? fileURLToPath(new URL('../cli/mcp-router.js', import.meta.url));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [router, '--config', values.config],
    env: environment(),
    stderr: 'pipe',
  });
  let routerLog = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    routerLog = (routerLog + chunk.toString()).slice(-STDERR_TAIL_CHARACTERS);
  });
  const client = new Client({ name: 'MCP Router round trip', version: '1.0.0' });
  try {
    process.stdout.write('A round trip through MCP Router:\n');
    say('gateway', gatewayUrl(values.config));
    await limited(roundTrip(client, transport));
    process.stdout.write('It works.\n');
    return 0;
  } catch (error) {
    process.stderr.write(
      `The round trip failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    if (routerLog !== '') process.stderr.write(`The router's last words:\n${routerLog}`);
    return 1;
  } finally {
    await client.close();
  }
}

try {
  process.exit(await run());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
