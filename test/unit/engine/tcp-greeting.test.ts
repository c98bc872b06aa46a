import { describe, expect, it } from 'vitest';

import { Secret } from '../../../src/main/engine/auth/secret';
import type { Frame } from '../../../src/main/engine/gateway/transports/tcp/frame';
import {
  Greeting,
  type GreetingOptions,
  type GreetingStep,
} from '../../../src/main/engine/gateway/transports/tcp/greeting';

const TOKEN = new Secret('t0ken');
const OFFER = Buffer.from('{"offer":1}');
const SIGN_IN =
  '{"jsonrpc":"2.0","id":"mcp-router-sign-in","method":"initialize","params":{"token":"t0ken"}}';

const frame = (type: number, text: string): Frame => ({ type, payload: Buffer.from(text) });
const greeting = (changes: Partial<GreetingOptions> = {}): Greeting =>
  new Greeting({ negotiate: 'required', negotiation: OFFER, token: undefined, ...changes });
const shown = ({ send, outcome }: GreetingStep): unknown => ({
  send: send.map(({ type, payload }) => [type, payload.toString()]),
  outcome,
});

const ACK = frame(7, '{"agreed_version":1}');
const offered = [6, '{"offer":1}'];
const signIn = [1, SIGN_IN];
const answer = (members: string): Frame => frame(2, `{"jsonrpc":"2.0","id":"mcp-router-sign-in",${members}}`);
const signedIn = answer('"result":{"sessionId":"abc","expiresAt":"2099-01-01T00:00:00Z"}');

describe('the greeting', () => {
  it.each([
    ['required', TOKEN, { send: [offered], outcome: 'go-on' }],
    ['required', undefined, { send: [offered], outcome: 'go-on' }],
    ['offered', TOKEN, { send: [offered, signIn], outcome: 'go-on' }],
    ['offered', undefined, { send: [offered], outcome: 'done' }],
    ['off', TOKEN, { send: [signIn], outcome: 'go-on' }],
    ['off', undefined, { send: [], outcome: 'done' }],
  ] as const)('with negotiate %s and token %s starts like this', (negotiate, token, step) => {
    expect(shown(greeting({ negotiate, token }).start())).toEqual(step);
  });

  it('signs in only after the version is agreed, where that is required', () => {
    const hello = greeting({ token: TOKEN });
    hello.start();
    expect(hello.missing).toContain('gateway.tcp.negotiate');
    expect(shown(hello.take(frame(4, '')))).toEqual({ send: [], outcome: 'go-on' });
    expect(shown(hello.take(ACK))).toEqual({ send: [signIn], outcome: 'go-on' });
    expect(hello.missing).toContain('gateway.tcp.token_in');
    expect(shown(hello.take(frame(2, '{"jsonrpc":"2.0","id":1,"result":{}}')))).toEqual({
      send: [],
      outcome: 'go-on',
    });
    expect(shown(hello.take(signedIn))).toEqual({ send: [], outcome: 'done' });
  });

  it('is done with the agreement when there is no token', () => {
    const hello = greeting();
    hello.start();
    expect(shown(hello.take(ACK))).toEqual({ send: [], outcome: 'done' });
  });

  it.each([
    ['another version', frame(7, '{"agreed_version":2}'), 'gateway-refused', 'it chose version 2'],
    ['no version', frame(7, '{}'), 'gateway-refused', 'it agreed to no version'],
    ['rubbish', frame(7, 'rubbish'), 'gateway-refused', 'it agreed to no version'],
    [
      'no common version',
      frame(5, 'Version negotiation failed: no compatible'),
      'gateway-refused',
      'both sides speak',
    ],
    [
      'an error',
      frame(5, 'secret inner workings'),
      'gateway-refused',
      'it answered the greeting with an error frame',
    ],
  ])('ends with %s', (_name, reply, code, detail) => {
    const hello = greeting();
    hello.start();
    const { outcome } = hello.take(reply);
    expect(outcome).toMatchObject({ code });
    expect(JSON.stringify(outcome)).toContain(detail);
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it.each([
    ['Authentication failed', 'auth-failed'],
    ['missing authentication token', 'auth-failed'],
    ['Rate limit exceeded', 'gateway-unreachable'],
    ['Internal error', 'gateway-unreachable'],
  ])('SEC-31 "%s" to the sign-in is %s', (text, code) => {
    const hello = greeting({ negotiate: 'off', token: TOKEN });
    hello.start();
    expect(hello.take(answer(`"error":{"code":-32603,"message":"${text}"}`)).outcome).toMatchObject({ code });
  });

  it('SEC-31 an answer of somebody else to the sign-in is refused: the token went too far', () => {
    const hello = greeting({ negotiate: 'off', token: TOKEN });
    hello.start();
    const outcome = hello.take(answer('"result":{"protocolVersion":"2025-06-18","capabilities":{}}')).outcome;
    expect(outcome).toMatchObject({ code: 'gateway-refused' });
    expect(JSON.stringify(outcome)).toContain('replace the token');
  });
});
