import { Client as ModernClient, type Transport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import { deferred } from './deferred';
import type { ModernServer } from './modern-server';
import type { SdkServer } from './sdk-server';

/** What must get through each door, each with what came of it. */
export interface Abilities {
  /** What the server made of the client's answer. */
  sample(): Promise<string>;
  elicit(): Promise<string>;
  /** The steps that the client heard of. */
  progress(): Promise<readonly number[]>;
  /** Resolves when the server has given up a call that the client cancelled. */
  cancel(): Promise<void>;
  /** The address of the resource whose change the client, who follows it, was told of. */
  subscribe(): Promise<string>;
  /** Sends this text and gets it back. */
  echo(text: string): Promise<string>;
  close(): Promise<void>;
}

const URI = 'test://followed';
const SAMPLED = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } } as const;
const FILLED_IN = { action: 'accept', content: { name: 'Ann' } } as const;

const textOf = (result: unknown): string => {
  const [first] = CallToolResultSchema.parse(result).content;
  return first?.type === 'text' ? first.text : '';
};

/**
 * The steps that arrive from now on, with those of other calls. The SDKs forget who asked when the reply comes in the same
 * chunk as the steps before it, so that `onprogress` says less than what was received.
 */
function stepsOn(transport: { onmessage?: ((...message: never[]) => void) | undefined }): readonly number[] {
  const steps: number[] = [];
  const { onmessage } = transport;
  transport.onmessage = (...received: never[]) => {
    const step = progressNotification.safeParse(received[0]);
    if (step.success) steps.push(step.data.params.progress);
    onmessage?.(...received);
  };
  return steps;
}

const progressNotification = z.object({
  method: z.literal('notifications/progress'),
  params: z.object({ progress: z.number() }),
});

/** The SDK, version 1, in the 2025 era. */
export async function sessionAbilities(transport: Transport, server: SdkServer): Promise<Abilities> {
  const client = new Client(
    { name: 'sdk-v1', version: '1' },
    { capabilities: { sampling: {}, elicitation: {} } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED);
  client.setRequestHandler(ElicitRequestSchema, () => FILLED_IN);
  await client.connect(transport);
  const call = async (name: string, args: object = {}): Promise<string> =>
    textOf(await client.callTool({ name, arguments: { ...args } }));
  return {
    sample: () => call('sample'),
    elicit: () => call('elicit'),
    progress: async () => {
      const steps = stepsOn(transport);
      await client.callTool({ name: 'progress', arguments: {} }, undefined, { onprogress: () => undefined });
      return steps;
    },
    cancel: async () => {
      const abort = new AbortController();
      const hanging = client.callTool({ name: 'hang', arguments: {} }, undefined, { signal: abort.signal });
      const ended = hanging.then(
        () => false,
        () => true,
      );
      await server.http.until('the call', () => server.http.posts('"hang"').length === 1);
      abort.abort('enough');
      await server.until('cancelled', () => server.cancelled.length === 1);
      if (!(await ended)) throw new Error('the cancelled call had a result');
    },
    subscribe: async () => {
      const told = deferred();
      let uri = '';
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
        uri = params.uri;
        told.resolve();
      });
      await client.subscribeResource({ uri: URI });
      await call('touch');
      await told.promise;
      return uri;
    },
    echo: async (text) => call('echo', { text }),
    close: () => client.close(),
  };
}

/** The SDK, version 2, in the 2026 era. */
export async function statelessAbilities(
  transport: ModernTransport,
  server: ModernServer,
): Promise<Abilities> {
  const client = new ModernClient(
    { name: 'sdk-v2', version: '1' },
    {
      versionNegotiation: { mode: { pin: '2026-07-28' } },
      capabilities: { sampling: {}, elicitation: { form: {} } },
    },
  );
  client.setRequestHandler('sampling/createMessage', () => SAMPLED);
  client.setRequestHandler('elicitation/create', () => FILLED_IN);
  await client.connect(transport);
  const call = async (name: string, args: object = {}): Promise<string> =>
    textOf(await client.callTool({ name, arguments: { ...args } }));
  return {
    sample: () => call('sample'),
    elicit: () => call('question'),
    progress: async () => {
      const steps = stepsOn(transport);
      await client.callTool({ name: 'progress', arguments: {} }, { onprogress: () => undefined });
      return steps;
    },
    cancel: async () => {
      const before = server.http.givenUp;
      const abort = new AbortController();
      const hanging = client.callTool({ name: 'hang', arguments: {} }, { signal: abort.signal });
      const ended = hanging.then(
        () => false,
        () => true,
      );
      await server.http.until('the call', () => server.http.posts('"hang"').length === 1);
      abort.abort('enough');
      await server.http.until('given up', () => server.http.givenUp > before);
      if (!(await ended)) throw new Error('the cancelled call had a result');
    },
    subscribe: async () => {
      const told = deferred();
      let uri = '';
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        uri = params.uri;
        told.resolve();
      });
      const subscription = await client.listen({ resourceSubscriptions: [URI] });
      server.handler.notify.resourceUpdated(URI);
      await told.promise;
      await subscription.close();
      return uri;
    },
    echo: async (text) => call('echo', { text }),
    close: () => client.close(),
  };
}
