import { describe, expect, it } from 'vitest';

import {
  answerForm,
  openingRefusal,
  retryAfterMs,
} from '../../../src/main/engine/gateway/transports/http-answer';
import { headerText, isHeaderText } from '../../../src/main/engine/jsonrpc/header-text';
import { HttpSession } from '../../../src/main/engine/gateway/transports/http-session';
import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';

function message(value: object): Message {
  const scanned = scanMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...value })));
  if (scanned.kind !== 'message') throw new Error(scanned.kind);
  return scanned.message;
}

const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };

describe('a header value', () => {
  it.each([
    ['plain', 'plain'],
    ['with space inside', 'with space inside'],
    ['', '=?base64??='],
    [' edge', '=?base64?IGVkZ2U=?='],
    ['é', '=?base64?w6k=?='],
    ['a\r\nX-Evil: 1', '=?base64?YQ0KWC1FdmlsOiAx?='],
    ['=?base64?eA==?=', '=?base64?PT9iYXNlNjQ/ZUE9PT89?='],
  ])('SEC-35 of %j is %j, and can never begin a header of its own', (text, value) => {
    expect(headerText(text)).toBe(value);
    expect(isHeaderText(value)).toBe(true);
  });
});

describe('the headers of a message', () => {
  it('are derived from the bytes in the 2026 era, and nothing of a session is sent', () => {
    const session = new HttpSession();
    session.noteSessionHeader('abc');
    const read = message({ id: 1, method: 'resources/read', params: { uri: 'file:///é', _meta } });
    expect(session.headersFor(read)).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'resources/read',
      'mcp-name': headerText('file:///é'),
    });
  });

  it('leave out a version and a session id that a header cannot carry', () => {
    const session = new HttpSession();
    session.noteSessionHeader('with space');
    const evil = { 'io.modelcontextprotocol/protocolVersion': 'a\r\nb' };
    expect(session.headersFor(message({ id: 1, method: 'm', params: { _meta: evil } }))).toEqual({});
  });

  it('repeat the arguments that tools/list has named, and only scalars', () => {
    const session = new HttpSession();
    const properties = {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      deep: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
    };
    const result = { tools: [{ name: 't', inputSchema: { type: 'object', properties } }] };
    const list = message({ id: 1, method: 'tools/list', params: { _meta } });
    session.noteReply(list, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result })));
    const call = (args: object): Readonly<Record<string, string>> =>
      session.headersFor(
        message({ id: 2, method: 'tools/call', params: { name: 't', arguments: args, _meta } }),
      );
    expect(call({ region: 'eu', deep: { count: 100 } })).toMatchObject({
      'mcp-param-region': 'eu',
      'mcp-param-count': '100',
    });
    expect(Object.keys(call({ region: ['eu'], deep: null }))).toEqual([
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
    ]);
  });

  it.each([
    ['an empty name', { a: { type: 'string', 'x-mcp-header': '' } }],
    ['a name with a space', { a: { type: 'string', 'x-mcp-header': 'My Region' } }],
    ['a name with a letter beyond ASCII', { a: { type: 'string', 'x-mcp-header': 'Région' } }],
    ['no name', { a: { type: 'string', 'x-mcp-header': 7 } }],
    ['an object', { a: { type: 'object', 'x-mcp-header': 'A' } }],
    ['a number', { a: { type: 'number', 'x-mcp-header': 'A' } }],
    ['no type', { a: { 'x-mcp-header': 'A' } }],
    [
      'one header twice',
      { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } },
    ],
    ['an item of a list', { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } }],
    ['one of several', { a: { oneOf: [{ type: 'string' }, { type: 'string', 'x-mcp-header': 'A' }] } }],
  ])(
    'a tool whose annotation is wrong (%s) is not called in the 2026 era; others are',
    (_what, properties) => {
      const session = new HttpSession();
      const good = { properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };
      const tools = [
        { name: 'bad', inputSchema: { type: 'object', properties } },
        { name: 'good', inputSchema: good },
      ];
      const list = message({ id: 1, method: 'tools/list', params: { _meta } });
      session.noteReply(list, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } })));
      const call = (params: object): unknown =>
        session.carrying(message({ id: 2, method: 'tools/call', params })).unusable;
      expect(call({ name: 'bad', _meta })).toMatchObject({ code: 'tool-unusable' });
      expect(call({ name: 'bad' })).toBeUndefined();
      expect(call({ name: 'good', _meta })).toBeUndefined();
    },
  );

  it('a property that is called x-mcp-header is a property', () => {
    const session = new HttpSession();
    const properties = { 'x-mcp-header': { type: 'object' }, a: { type: 'string', 'x-mcp-header': 'A' } };
    const result = { tools: [{ name: 't', inputSchema: { properties } }] };
    const list = message({ id: 1, method: 'tools/list', params: { _meta } });
    session.noteReply(list, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result })));
    const params = { name: 't', arguments: { a: 'x' }, _meta };
    expect(session.carrying(message({ id: 2, method: 'tools/call', params }))).toMatchObject({
      headers: { 'mcp-param-a': 'x' },
      unusable: undefined,
    });
  });
});

describe('an answer', () => {
  it.each([
    ['application/json; charset=utf-8', 'json'],
    ['Text/Event-Stream', 'events'],
    ['text/plain', 'other'],
    [undefined, 'other'],
  ] as const)('of type %s is %s', (type, form) => {
    expect(answerForm(type === undefined ? {} : { 'content-type': type })).toBe(form);
  });

  it.each([
    ['3', 3000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-1', undefined],
  ])('with Retry-After %j is waited for %s ms', (text, expected) => {
    expect(retryAfterMs({ 'retry-after': text }, 1000)).toBe(expected);
  });

  it.each([
    [200, undefined],
    [400, undefined],
    [404, undefined],
    [405, undefined],
    [501, undefined],
    [401, 'auth-failed'],
    [403, 'auth-failed'],
    [302, 'gateway-refused'],
    [429, 'gateway-busy'],
    [503, 'gateway-unreachable'],
  ])('to the opening question with status %i means %s', (status, code) => {
    expect(openingRefusal(status)?.code).toBe(code);
  });
});
