import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { SocketTransport } from './socket-transport';

/** One client of the demo. */
export interface SampleClient {
  /** What it calls itself in `initialize`. */
  readonly name: string;
  readonly socketPath: string;
  /** Between two requests. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

type Step = (client: Client) => Promise<unknown>;

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
const REQUEST_LIMIT = { timeout: 15_000 };

const call =
  (name: string, args: Readonly<Record<string, unknown>> = {}): Step =>
  (client) =>
    client.callTool({ name, arguments: args }, undefined, {
      ...REQUEST_LIMIT,
      onprogress: () => undefined,
    });

/** What a client does in turn; server-everything offers all of it. */
const steps: readonly Step[] = [
  (client) => client.listTools({}, REQUEST_LIMIT),
  call('echo', { message: 'Good morning' }),
  call('get-sum', { a: 19, b: 23 }),
  (client) => client.listResources({}, REQUEST_LIMIT),
  call('get-structured-content', { location: 'Chicago' }),
  (client) => client.listPrompts({}, REQUEST_LIMIT),
  call('trigger-long-running-operation', { duration: 1, steps: 4 }),
  (client) => client.ping(REQUEST_LIMIT),
  call('trigger-sampling-request', { prompt: 'Say something short.', maxTokens: 20 }),
  call('a-tool-that-is-not-there'),
  call('get-tiny-image'),
];

/** Connects, works through the steps for ever and connects again after a loss, until the signal aborts. */
export async function keepBusy(sample: SampleClient): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!sample.signal.aborted) {
    const wasConnected = await workUntilLost(sample);
    retryMs = wasConnected ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS);
    await rest(retryMs, sample.signal);
  }
}

/** True when there was a session at all. */
async function workUntilLost(sample: SampleClient): Promise<boolean> {
  const client = createClient(sample.name);
  const lost = new AbortController();
  const isOver = AbortSignal.any([lost.signal, sample.signal]);
  client.onclose = () => {
    lost.abort();
  };
  const close = (): void => void client.close();
  isOver.addEventListener('abort', close);
  try {
    await client.connect(new SocketTransport(sample.socketPath), REQUEST_LIMIT);
  } catch {
    // The router is not up yet, or has no gateway: both are ordinary for a client that starts early.
    await client.close();
    return false;
  }
  for (let turn = 0; !isOver.aborted; turn += 1) {
    // Errors are part of the demo: the window shows them.
    await steps[turn % steps.length]?.(client).catch(() => undefined);
    await rest(sample.pauseMs, isOver);
  }
  await client.close();
  return true;
}

function createClient(name: string): Client {
  const client = new Client({ name, version: '1.0.0' }, { capabilities: { sampling: {} } });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'sample-model',
    role: 'assistant',
    content: { type: 'text', text: 'Something short.' },
  }));
  return client;
}

/** Ends early, and without an error, when the signal aborts. */
async function rest(forMs: number, signal: AbortSignal): Promise<void> {
  await pause(forMs, undefined, { signal }).catch(() => undefined);
}
