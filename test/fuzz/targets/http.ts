import fc from 'fast-check';

import {
  answerForm,
  openingRefusal,
  retryAfterMs,
  statusCause,
} from '../../../src/main/engine/gateway/transports/http-answer';
import { isHeaderText } from '../../../src/main/engine/jsonrpc/header-text';
import { HttpSession } from '../../../src/main/engine/gateway/transports/http-session';
import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { errorTable } from '../../../src/shared/model/errors';
import { holds } from '../bytes';
import { jsonTexts, messageTexts } from '../json-texts';
import { fuzzTarget } from '../target';

const retryAfters = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '999999999',
    '9999999999',
    '-1',
    '1.5',
    '1e3',
    'Thu, 01 Jan 1970 00:00:10 GMT',
    'GMT',
  ),
  fc.string({ maxLength: 20 }),
  fc
    .date({ noInvalidDate: false })
    .map((date) => (Number.isNaN(date.getTime()) ? 'x GMT' : date.toUTCString())),
);
const contentTypes = fc.oneof(
  fc.constantFrom('application/json', 'Text/Event-Stream; x', ';', ' application/json ;', ''),
  fc.string({ maxLength: 20 }),
);

export const httpAnswerTarget = fuzzTarget({
  name: 'http-answer',
  parser: 'status and headers of an HTTP answer',
  cases: fc.record(
    { status: fc.integer({ min: 0, max: 999 }), type: contentTypes, wait: retryAfters, now: fc.nat() },
    { requiredKeys: ['status', 'now'] },
  ),
  check: ({ status, type, wait, now }) => {
    const headers = {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(wait === undefined ? {} : { 'retry-after': wait }),
    };
    holds(['json', 'events', 'other'].includes(answerForm(headers)), 'no form');
    const waitMs = retryAfterMs(headers, now);
    holds(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0), `wait ${String(waitMs)}`);
    for (const cause of [statusCause(status), openingRefusal(status)]) {
      if (cause !== undefined) holds(Object.hasOwn(errorTable, cause.code), `no such error: ${cause.code}`);
    }
  },
});

const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
const name = fc.constantFrom('t', '__proto__', 'constructor', 'é', '');
const header = fc.oneof(
  fc.constantFrom('Region', 'region', 'no token', '__proto__'),
  fc.string({ maxLength: 4 }),
);
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 10 },
    fc.record({ type: fc.constant('string'), 'x-mcp-header': header }),
    fc.record({ properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }) }),
    fc.jsonValue({ maxDepth: 1 }),
  ),
}));
const toolLists = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.record({ name, inputSchema: schema }), { maxLength: 4 })
      .map((tools) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }))),
  },
  fc
    .jsonValue()
    .map((result) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result, x: 'x-mcp-header' }))),
  messageTexts,
);
const calls = fc.oneof(
  fc
    .record({ name, arguments: fc.jsonValue({ maxDepth: 3 }), _meta: fc.constant(_meta) })
    .map((params) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params }))),
  jsonTexts,
);

function messageIn(bytes: Buffer): Message | undefined {
  const scanned = scanMessage(bytes);
  return scanned.kind === 'message' ? scanned.message : undefined;
}

const listRequest = Buffer.from(
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } }),
);
const opening = Buffer.from('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}');

export const httpSessionTarget = fuzzTarget({
  name: 'http-session',
  parser: 'what HTTP answers teach: session, version, headers of tools',
  cases: fc.record({
    session: fc.oneof(fc.constant('abc'), fc.string({ unit: 'binary', maxLength: 8 })),
    reply: jsonTexts,
    lists: fc.array(toolLists, { maxLength: 3 }),
    call: calls,
  }),
  check: ({ session: id, reply, lists, call }) => {
    const session = new HttpSession();
    session.noteSessionHeader(id);
    // Only what was found to be a message gets there.
    const opener = messageIn(opening);
    if (opener !== undefined && messageIn(reply) !== undefined) session.noteReply(opener, reply);
    const asked = messageIn(listRequest);
    for (const list of lists) if (asked !== undefined && messageIn(list)) session.noteReply(asked, list);
    const sent = messageIn(call);
    for (const headers of [session.standing(), sent === undefined ? {} : session.headersFor(sent)]) {
      for (const [key, text] of Object.entries(headers)) {
        holds(/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(key) && isHeaderText(text), `the header ${key}: ${text}`);
      }
    }
  },
});
