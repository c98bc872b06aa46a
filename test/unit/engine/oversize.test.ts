import { describe, expect, it } from 'vitest';

import { OversizeScanner, type OversizeMessage } from '../../../src/main/engine/jsonrpc/oversize';

function scan(text: string | Buffer): OversizeMessage {
  const scanner = new OversizeScanner();
  scanner.push(Buffer.from(text));
  return scanner.finish();
}

const idOf = (text: string | Buffer): string | null => scan(text).id?.toString() ?? null;

describe('OversizeScanner', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":"m"}', 'request', '7'],
    ['{"jsonrpc":"2.0","method":"m"}', 'notification', null],
    ['{"jsonrpc":"2.0","id":"r","result":{}}', 'response', '"r"'],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', 'notification', null],
    ['[{"jsonrpc":"2.0","id":1,"method":"m"}]', 'unknown', null],
    ['{"params":{"id":1,"method":"x"}}', 'unknown', null],
    ['', 'unknown', null],
    [']]]]}}}', 'unknown', null],
  ] as const)('%s is a %s', (text, kind, id) => {
    expect(scan(text)).toMatchObject({ kind });
    expect(idOf(text)).toBe(id);
  });

  it.each([
    ['too long', `"${'x'.repeat(2000)}"`],
    ['an object', '{"a":1}'],
    ['a literal', 'true'],
  ])('answers a request whose id is %s with a null id', (_what, id) => {
    expect(scan(`{"id":${id},"method":"m"}`)).toMatchObject({ id: null, kind: 'request' });
  });

  it.each(['"\\q"', '"\\u12"', '1-2', '1.', '--1', '01', '"a\tb"', '1e', '+1', '"open'])(
    'takes no id that is not JSON: %s',
    (id) => {
      expect(idOf(`{"id":${id},"method":"m"}`)).toBeNull();
    },
  );
});
