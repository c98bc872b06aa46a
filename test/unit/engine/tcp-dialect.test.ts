import { describe, expect, it } from 'vitest';

import { tcpAddress } from '../../../src/main/engine/gateway/transports/tcp/address';
import { gatewayDialect, goRouterDialect } from '../../../src/main/engine/gateway/transports/tcp/dialect';
import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { RouterError } from '../../../src/shared/model/errors';

function message(text: string): Message {
  const scanned = scanMessage(Buffer.from(text));
  if (scanned.kind !== 'message') throw new Error(scanned.kind);
  return scanned.message;
}

const ODD = '{"zeta":1, "jsonrpc":"2.0","params":{"big":12345678901234567890},"id":1e2,"method":"k8s.pods"}';
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"message":{"a":1}}}';
const fields = {
  authToken: 'a"\\token',
  defaultNamespace: 'default',
  now: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
};

describe('the payload of a message', () => {
  it('is bare in dialect gateway, byte for byte', () => {
    const bare = gatewayDialect.wrap(message(ODD), { ...fields, authToken: undefined });
    expect(bare.toString()).toBe(ODD);
  });

  it('is wrapped with a token in dialect gateway, its own bytes untouched', () => {
    const wrapped = gatewayDialect.wrap(message(ODD), fields).toString();
    expect(wrapped).toBe(`{"auth_token":"a\\"\\\\token","message":${ODD}}`);
    expect(JSON.parse(wrapped)).toMatchObject({ auth_token: fields.authToken });
  });

  it('holds no token when the client answers the server', () => {
    expect(gatewayDialect.wrap(message(ANSWER), fields).toString()).toBe(ANSWER);
  });

  it('is the envelope of the WebSocket frontend in dialect go-router', () => {
    expect(goRouterDialect.wrap(message(ODD), fields).toString()).toBe(
      `{"id":1e2,"timestamp":"2026-01-02T03:04:05Z","source":"local-router","target_namespace":"k8s","auth_token":"a\\"\\\\token","mcp_payload":${ODD}}`,
    );
  });
});

describe('the message in a payload', () => {
  const unwrapped = (text: string): string | undefined =>
    gatewayDialect.unwrap(Buffer.from(text))?.payload.toString();

  it.each([
    ['bare', ANSWER, ANSWER],
    ['bare, with a member called message', `{"jsonrpc":"2.0","message":{},"id":1,"result":1}`, undefined],
    ['in the wrapper', `{"message":${ANSWER}}`, ANSWER],
    ['in the wrapper with a token', ` {"auth_token":"t", "message": ${ANSWER} } `, ANSWER],
  ])('%s', (_name, payload, expected) => {
    expect(unwrapped(payload)).toBe(expected ?? payload);
  });

  it.each(['', 'rubbish', '[1]', '{"message":7}', `${ANSWER}x`, `{"message":${ANSWER}`])(
    '%s is none',
    (payload) => {
      expect(unwrapped(payload)).toBeUndefined();
    },
  );

  it('comes out of dialect go-router with the id on the envelope', () => {
    const inbound = goRouterDialect.unwrap(Buffer.from(`{"id":"x","mcp_payload":${ANSWER}}`));
    expect(inbound?.payload.toString()).toBe(ANSWER);
    expect(inbound?.envelopeId?.key).toBe('sx');
  });
});

describe('the address', () => {
  it.each([
    ['tcp://localhost', 'gateway', 'localhost', 8444, false],
    ['tcps://gateway.example.com', 'gateway', 'gateway.example.com', 8444, true],
    ['tcp+tls://gateway.example.com/', 'go-router', 'gateway.example.com', 8443, true],
    ['tcp://127.0.0.1', 'go-router', '127.0.0.1', 8080, false],
    ['TCPS://[::1]:9', 'gateway', '::1', 9, true],
  ] as const)('%s in dialect %s', (url, dialect, ...expected) => {
    const { host, port, isEncrypted } = tcpAddress(
      url,
      dialect === 'gateway' ? gatewayDialect : goRouterDialect,
    );
    expect([host, port, isEncrypted]).toEqual(expected);
  });

  it.each(['wss://gateway.example.com', 'https://x', 'tcp:///', 'tcps:x'])('%s is refused', (url) => {
    expect(() => tcpAddress(url, gatewayDialect)).toThrow(RouterError);
  });
});
