import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { errorTable } from '../../src/shared/model/errors';
import { isJsonObject, parseJson, rawMembers, type JsonObject } from '../support/gateway/json';
import type { RandomClient } from '../support/random-client';
import { RandomSession } from '../support/random-session';
import { randomRun } from '../support/session-actions';

/** Fixed, so that everybody sees the same runs; another one explores others. */
const SEED = Number(process.env['MCP_ROUTER_TEST_SEED'] ?? 20_261_124);
const RUNS = Number(process.env['MCP_ROUTER_TEST_RUNS'] ?? 100);
const LIMIT_MS = 120_000;

const countOf = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** Every request got its one reply under its own id, byte for byte; a cancelled one got none from then on. */
function checkReplies(client: RandomClient): void {
  const sent = countOf(client.sent.map(({ idText }) => idText));
  const replies = countOf(client.replyIds);
  for (const [idText, count] of sent) {
    const expected = client.cancelled.get(idText) ?? count;
    expect([idText, replies.get(idText) ?? 0]).toEqual([idText, expected]);
    replies.delete(idText);
  }
  for (let sync = 1; sync <= client.syncs; sync += 1) {
    expect(replies.get(`"sync ${String(sync)}"`)).toBe(1);
    replies.delete(`"sync ${String(sync)}"`);
  }
  // Nothing else: no line for a notification, no reply of a replayed handshake, nobody else's reply.
  expect([...replies]).toEqual(client.rubbish === 0 ? [] : [['null', client.rubbish]]);
}

/** A result is the one of the request whose id it bears. */
function checkResults(client: RandomClient): void {
  for (const line of client.stream.lines) {
    const members = rawMembers(line);
    const result = parseJson(members.get('result') ?? 'null');
    if (!isJsonObject(result) || !('method' in result)) continue;
    const idText = members.get('id') ?? '';
    const asked = client.sent.filter((request) => request.idText === idText).map(({ method }) => method);
    expect(asked).toContain(result['method']);
  }
}

/** Nothing reached the gateway or the server twice, and nothing overtook anything. */
function checkWire({ gateway, server }: RandomSession): void {
  for (const [method, count] of server.calls) {
    if (/^[mn]\d+$/.test(method)) expect([method, count]).toEqual([method, 1]);
  }
  const serials = new Map<string, number[]>();
  for (const { method, connection } of gateway.recording.messages) {
    if (!/^[mn]\d+$/.test(method)) continue;
    const key = String(connection);
    serials.set(key, [...(serials.get(key) ?? []), Number(method.slice(1))]);
  }
  const all = [...serials.values()].flat();
  expect(new Set(all).size).toBe(all.length);
  for (const onOne of serials.values()) expect(onOne).toEqual([...onOne].sort((a, b) => a - b));
  for (const { id, connection } of server.answers) expect(server.asked.get(id)).toBe(connection);
  expect(new Set(server.answers.map(({ id }) => id)).size).toBe(server.answers.length);
}

/** The `data` of an error of ours. */
function ourError(line: string): JsonObject | undefined {
  const error = parseJson(rawMembers(line).get('error') ?? 'null');
  const data = isJsonObject(error) ? error['data'] : undefined;
  return isJsonObject(data) && String(data['code']) in errorTable ? data : undefined;
}

const NEVER_SENT: ReadonlySet<unknown> = new Set(['message-too-large', 'line-too-large', 'invalid-request']);

/** What a client was told that it may send again was never sent, neither before nor after it was told. */
function checkPromises(client: RandomClient, { gateway }: RandomSession): void {
  const onTheWire = new Set(gateway.recording.requests().map(({ method }) => method));
  for (const line of client.stream.lines) {
    const error = ourError(line);
    if (error === undefined || !(error['retryable'] === true || NEVER_SENT.has(error['code']))) continue;
    const asked = client.sent.filter(({ idText }) => idText === rawMembers(line).get('id'));
    const [request] = asked;
    if (request === undefined || asked.length > 1 || request.method === 'initialize') continue;
    expect([error['code'], onTheWire.has(request.method)]).toEqual([error['code'], false]);
  }
}

/** The counters tell what the clients saw, and nobody is left behind. */
function checkBooks({ under, clients, gateway }: RandomSession): void {
  const status = under.engine.status();
  const replies = clients
    .flatMap((client) => client.stream.lines)
    .filter((line) => !rawMembers(line).has('method'));
  const refusals = replies.filter((line) => ourError(line) !== undefined).length;
  expect(status.counters).toMatchObject({
    requests: replies.length,
    replies: replies.length - refusals,
    refusals,
  });
  expect(status.sessions).toEqual([]);
  expect(under.kinds('session-closed')).toHaveLength(clients.length);
  expect(gateway.connections).toEqual([]);
}

describe('whatever happens in whatever order', () => {
  it(
    `SEC-10 each request gets exactly one reply, none is sent twice, and the books agree (${String(RUNS)} random sessions)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(randomRun, async ({ setup, actions }) => {
          const session = await RandomSession.start(setup);
          try {
            for (const action of actions) await session.perform(action);
            expect(await session.recover()).toEqual([]);
            await session.end();
            for (const client of session.clients) {
              checkReplies(client);
              checkResults(client);
              checkPromises(client, session);
            }
            checkWire(session);
            await session.stop();
            checkBooks(session);
          } finally {
            await session.stop();
          }
        }),
        { numRuns: RUNS, seed: SEED },
      );
    },
    LIMIT_MS,
  );
});
