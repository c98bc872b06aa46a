import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  ConnectAnswerReader,
  MAX_ANSWER_BYTES,
  type ConnectAnswer,
} from '../../../src/main/engine/auth/connect-answer';

/** A long run sets more. */
const FUZZ_RUNS = Number(process.env['MCP_ROUTER_FUZZ_RUNS'] ?? 500);

/** The verdict on pieces; what follows the verdict belongs to the tunnel. */
function read(pieces: readonly Buffer[]): ConnectAnswer {
  const reader = new ConnectAnswerReader();
  for (const [index, piece] of pieces.entries()) {
    const answer = reader.push(piece);
    if (answer.kind === 'open')
      return { kind: 'open', rest: Buffer.concat([answer.rest, ...pieces.slice(index + 1)]) };
    if (answer.kind !== 'unfinished') return answer;
  }
  return { kind: 'unfinished' };
}

const readText = (text: string): ConnectAnswer => read([Buffer.from(text, 'latin1')]);
const cutAt = (text: Buffer, places: readonly number[]): readonly Buffer[] => {
  const cuts = [0, ...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, index) => text.subarray(cuts[index], cut));
};

describe('the answer to CONNECT', () => {
  it.each([
    ['HTTP/1.1 200 Connection established\r\n\r\n', ''],
    ['HTTP/1.0 200 OK\r\nVia: x\r\n\r\nfirst bytes', 'first bytes'],
    ['HTTP/1.1 200\r\n\r\n', ''],
    // RFC 9110 9.3.6: no length counts in a 2xx answer to CONNECT.
    ['HTTP/1.1 204 \r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n\0\x01', '\0\x01'],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx', 'x'],
    ['HTTP/1.1 200 OK\r\n\r\n\r\n\r\n', '\r\n\r\n'],
  ])('%j opens the tunnel', (text, rest) => {
    expect(readText(text)).toEqual({ kind: 'open', rest: Buffer.from(rest, 'latin1') });
  });

  it.each([
    [407, 'Proxy-Authenticate: Basic realm="x"', true],
    [407, 'proxy-authenticate:Negotiate, BASIC realm="x"', true],
    [407, 'Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM', false],
    [407, 'Proxy-Authenticate: Digest realm="basically"', false],
    [407, 'Via: x', true],
    [403, 'Content-Type: text/html', true],
    [302, 'Location: http://portal.example/', true],
    [502, 'X: y', true],
  ])('%i with %s refuses', (status, header, acceptsBasic) => {
    expect(readText(`HTTP/1.1 ${String(status)} No\r\n${header}\r\n\r\n<html>`)).toEqual({
      kind: 'refused',
      status,
      acceptsBasic,
    });
  });

  it.each([
    'SSH-2.0-OpenSSH\r\n',
    '\x15\x03\x01\0\x02\x02\x46',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/1.1 20\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 099 x\r\n\r\n',
    'HTTP/1.1 101 Switching\r\n\r\n',
    ' HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\nX: y\r\n\r\n',
  ])('%j is none', (text) => {
    expect(readText(text).kind).toBe('unreadable');
  });

  it.each(['', 'H', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\n\r'])(
    '%j goes on',
    (text) => {
      expect(readText(text)).toEqual({ kind: 'unfinished' });
    },
  );

  it('is bounded, to the byte', () => {
    const line = 'HTTP/1.1 200 OK\r\nX: ';
    const head = (length: number): string => `${line}${'y'.repeat(length - line.length - 4)}\r\n\r\n`;
    expect(readText(head(MAX_ANSWER_BYTES)).kind).toBe('open');
    expect(readText(head(MAX_ANSWER_BYTES + 1)).kind).toBe('unreadable');
    expect(readText(`${line}${'y'.repeat(MAX_ANSWER_BYTES)}`).kind).toBe('unreadable');
    expect(readText('HTTP/1.1 100 Go on\r\n\r\n'.repeat(1000)).kind).toBe('unreadable');
    // What comes through the tunnel at once is not part of the head.
    expect(readText(`HTTP/1.1 200 OK\r\n\r\n${'z'.repeat(MAX_ANSWER_BYTES)}`).kind).toBe('open');
  });

  it('is the same at every cut in two', () => {
    for (const text of [
      'HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\nVia: x\r\n\r\n\r\nfirst',
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\nbody',
    ]) {
      const bytes = Buffer.from(text);
      const whole = read([bytes]);
      for (let cut = 0; cut <= bytes.length; cut += 1) expect(read(cutAt(bytes, [cut]))).toEqual(whole);
      expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    }
  });

  it('any bytes at all: no exception, and the same verdict for every cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 ',
        'HTTP/1.0 200 OK',
        '\r\n',
        '\r\n\r\n',
        '407 x',
        '100',
        'Proxy-Authenticate: Basic',
      ),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const stream = fc.array(piece, { maxLength: 10 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(2000), { maxLength: 12 }), (text, places) => {
        expect(read(cutAt(text, places))).toEqual(read([text]));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});
