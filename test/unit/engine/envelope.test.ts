import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { unwrapEnvelope, wrapEnvelope } from '../../../src/main/engine/gateway/envelope';
import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';

function scanned(text: string): Message {
  const result = scanMessage(Buffer.from(text));
  if (result.kind !== 'message') throw new Error(`not a message: ${text}`);
  return result.message;
}

const NOW = Date.UTC(2026, 6, 28, 12, 34, 56, 789);
const wrap = (text: string, namespace?: string, authToken?: string): string =>
  wrapEnvelope(scanned(text), { namespace, authToken, now: NOW }).toString();

describe('wrapEnvelope', () => {
  it('writes the members of gateway-protocol 1.5 in the order of the Go router', () => {
    expect(wrap('{"jsonrpc":"2.0","id":1,"method":"m"}', 'k8s', 'tok')).toBe(
      '{"id":1,"timestamp":"2026-07-28T12:34:56Z","source":"local-router","target_namespace":"k8s",' +
        '"auth_token":"tok","mcp_payload":{"jsonrpc":"2.0","id":1,"method":"m"}}',
    );
  });

  it('leaves out what there is not, and gives notifications a null id', () => {
    expect(wrap('{"jsonrpc":"2.0","method":"n"}')).toBe(
      '{"id":null,"timestamp":"2026-07-28T12:34:56Z","source":"local-router",' +
        '"mcp_payload":{"jsonrpc":"2.0","method":"n"}}',
    );
    expect(wrap('{"jsonrpc":"2.0","id":null,"error":{}}')).toMatch(/^\{"id":null,/);
  });

  it('copies id and payload byte for byte', () => {
    const text =
      ' {"x":1.0,"id":1e2 ,"jsonrpc":"2.0","method":"m\\u0061","params":{"n":12345678901234567890}} ';
    expect(wrap(text)).toContain(`{"id":1e2,`);
    expect(wrap(text)).toContain(`"mcp_payload":${text}}`);
  });

  it('is JSON whatever namespace and token are, and nothing can break out of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (namespace, token) => {
        const frame: unknown = JSON.parse(wrap('{"jsonrpc":"2.0","id":1,"method":"m"}', namespace, token));
        expect(frame).toEqual({
          id: 1,
          timestamp: '2026-07-28T12:34:56Z',
          source: 'local-router',
          target_namespace: namespace,
          auth_token: token,
          mcp_payload: { jsonrpc: '2.0', id: 1, method: 'm' },
        });
      }),
    );
  });
});

describe('unwrapEnvelope', () => {
  const unwrap = (text: string): readonly [string | undefined, string | null | undefined] => {
    const unwrapped = unwrapEnvelope(Buffer.from(text));
    return [unwrapped?.payload.toString(), unwrapped && (unwrapped.envelopeId?.key ?? null)];
  };

  it.each([
    ['{"id":1,"mcp_payload":{"a":1}}', '{"a":1}', 'n1'],
    [' { "mcp_payload" : { "a" : 1 } , "id" : "x" } ', '{ "a" : 1 }', 'sx'],
    ['{"id":null,"mcp_payload":{}}', '{}', null],
    ['{"mcp_payload":{}}', '{}', null],
    ['{"id":{},"mcp_payload":{}}', '{}', null],
    ['{"jsonrpc":"2.0","id":3,"result":{}}', '{"jsonrpc":"2.0","id":3,"result":{}}', null],
    ['{}', '{}', null],
    ['{"id":1,"x":{"mcp_payload":{}}}', '{"id":1,"x":{"mcp_payload":{}}}', null],
  ])('%s', (text, payload, id) => {
    expect(unwrap(text)).toEqual([payload, id]);
  });

  it.each([
    '',
    'x',
    '[]',
    'null',
    '{"id":1,"mcp_payload":7}',
    '{"mcp_payload":[]}',
    '{"mcp_payload":{}',
    '{} {}',
  ])('finds no message in %j', (text) => {
    expect(unwrap(text)).toEqual([undefined, undefined]);
  });

  it('gives back what was wrapped', () => {
    const text = '{"jsonrpc":"2.0","id":"a","method":"m","params":{"mcp_payload":{}}}';
    expect(unwrap(wrap(text, 'ns', 'token'))).toEqual([text, 'sa']);
  });
});
