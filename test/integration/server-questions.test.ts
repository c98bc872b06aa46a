import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { StreamTestClient } from '../support/engine-client';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionReply,
} from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

/** What is not answered at the end of a test need not be waited for. */
const IMPATIENT = { drain_timeout_ms: 0 } as const;

/** Breaks the connection, and waits until the router has seen it. */
async function lose(): Promise<void> {
  const losses = (): number => bench.under.kinds('connection-failed').length;
  const before = losses();
  gateway.dropConnections();
  await bench.under.until('the loss', () => losses() > before);
}

const isReply = (value: unknown): value is FunctionReply =>
  typeof value === 'object' && value !== null && 'result' in value;

describe('what a server says while the session is opened again', () => {
  /** Asks and tells in the middle of each `initialize`, and finishes it when it is answered. */
  const talkative: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      if (message.method === 'initialize') {
        session.memory.set('waiting', reply);
        session.send({ method: 'notifications/message', params: { connection: session.connection } });
        session.send({ id: `ping ${String(session.connection)}`, method: 'ping' });
      } else if (message.method === '') {
        const waiting = session.memory.get('waiting');
        if (isReply(waiting)) waiting.result(minimalInitializeResult({}));
      } else {
        reply.result({ method: message.method });
      }
    },
  };

  it('reaches the client, and its answer reaches the server', async () => {
    await gateway.restart({ backend: talkative, duplex: true });
    const client = bench.attach({ local: IMPATIENT });
    const answerPing = async (id: string): Promise<void> => {
      await client.until(id, () => client.replies.some((line) => line.id === id && line.method === 'ping'));
      client.send({ jsonrpc: '2.0', id, result: {} });
    };
    client.request('first', 'initialize', {});
    await answerPing('ping 1');
    await client.reply('first');
    await lose();
    await answerPing('ping 2');
    client.request(1, 'm');
    expect((await client.reply(1)).result).toEqual({ method: 'm' });
    expect(client.replies.filter(({ method }) => method === 'notifications/message')).toHaveLength(2);
    expect(client.replies.filter(({ id, method }) => method === undefined && id !== null)).toHaveLength(2);
  });
});

describe('a question of the server', () => {
  /** Every session counts its questions from 0, as the MCP SDK does, and returns what it was answered. */
  const counting: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      const waiting = session.memory.get('waiting');
      if (message.method === 'ask') {
        session.memory.set('waiting', reply);
        session.send({ id: 0, method: 'elicitation/create', params: message.params });
      } else if (message.method === 'withdraw') {
        session.send({ method: 'notifications/cancelled', params: { requestId: 0, reason: 'late' } });
        reply.result({});
      } else if (message.method === '' && isReply(waiting)) {
        waiting.result({ id: message.id, answer: message.result });
      } else {
        reply.result({});
      }
    },
  };

  const questions = (
    client: StreamTestClient,
  ): readonly { readonly id: unknown; readonly params: unknown }[] =>
    client.replies
      .filter(({ method }) => method === 'elicitation/create')
      .map(({ id, params }) => ({ id, params }));

  /** Leaves one question open on a connection that is gone, and asks another one on the next connection. */
  async function askTwice(client: StreamTestClient): Promise<unknown> {
    client.request(1, 'ask', { text: 'may I read?' });
    await client.until('the first question', () => questions(client).length === 1);
    await lose();
    await client.reply(1);
    client.request(2, 'ask', { text: 'may I delete?' });
    await client.until('the second question', () => questions(client).length === 2);
    return questions(client)[1]?.id;
  }

  it('is never answered with what the client says to a server that is gone', async () => {
    await gateway.restart({ backend: counting, duplex: true });
    const client = bench.attach({ local: IMPATIENT });
    const second = await askTwice(client);
    client.send({ jsonrpc: '2.0', id: 0, result: { for: 'may I read?' } });
    client.send({ jsonrpc: '2.0', id: second, result: { for: 'may I delete?' } });
    expect((await client.reply(2)).result).toEqual({ id: 0, answer: { for: 'may I delete?' } });
    expect(
      bench.under.events.some((event) => event.kind === 'message-dropped' && event.reason.includes('gone')),
    ).toBe(true);
  });

  it('can be withdrawn though it came under another id', async () => {
    await gateway.restart({ backend: counting, duplex: true });
    const client = bench.attach({ local: IMPATIENT });
    const second = await askTwice(client);
    client.request(3, 'withdraw');
    await client.reply(3);
    const withdrawal = client.replies.find(({ method }) => method === 'notifications/cancelled');
    expect(withdrawal?.params).toEqual({ requestId: second, reason: 'late' });
  });

  it('keeps its id byte for byte while there is nothing to mix it up with', async () => {
    await gateway.restart({ backend: counting, duplex: true });
    const client = bench.attach({ local: IMPATIENT });
    client.request(1, 'ask', {});
    await client.until('the question', () => questions(client).length === 1);
    expect(questions(client)[0]?.id).toBe(0);
    client.send({ jsonrpc: '2.0', id: 0, result: { yes: true } });
    expect((await client.reply(1)).result).toEqual({ id: 0, answer: { yes: true } });
    await lose();
    client.request(2, 'ask', {});
    await client.until('the next question', () => questions(client).length === 2);
    expect(questions(client)[1]?.id).toBe(0);
  });

  it('is answered with an error when the answer is too large for the gateway or for us', async () => {
    const errors: unknown[] = [];
    const backend: FunctionBackend = {
      kind: 'function',
      handle: (message, reply, session) => {
        if (message.method === '') errors.push(message.error);
        else session.send({ id: String(message.id), method: 'sampling/createMessage' });
        if (errors.length === 2) reply.result({});
      },
    };
    await gateway.restart({ backend, duplex: true });
    const client = bench.attach({
      gateway: { auth: { type: 'none' }, max_message_bytes: 2048 },
      local: { max_line_bytes: 4096, ...IMPATIENT },
    });
    client.request(1, 'ask');
    client.request(2, 'ask');
    await client.until('both questions', () => client.lines.length === 2);
    client.send({ jsonrpc: '2.0', id: '1', result: 'x'.repeat(3000) });
    client.send({ jsonrpc: '2.0', id: '2', result: 'x'.repeat(5000) });
    await gateway.until(
      'both answers',
      ({ recording }) => recording.messages.filter(({ kind }) => kind === 'response').length === 2,
    );
    expect(errors).toMatchObject([
      { data: { code: 'message-too-large' } },
      { data: { code: 'line-too-large' } },
    ]);
  });
});
