import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { errorReply, onOneLine, splice } from '../../../src/main/engine/jsonrpc/message';
import { errorTable, type ErrorCode } from '../../../src/shared/model/errors';

const CODES = Object.keys(errorTable).filter((code): code is ErrorCode => code in errorTable);

describe('errorReply', () => {
  it.each(CODES)('%s is one line of JSON-RPC with the code that callers match', (code) => {
    const line = errorReply(Buffer.from('"x"'), { code, detail: 'de\ntail "quoted"' }).toString();
    expect(line).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line)).toMatchObject({
      jsonrpc: '2.0',
      id: 'x',
      error: {
        code: errorTable[code].jsonRpcCode,
        data: { code, retryable: errorTable[code].retryable },
      },
    });
  });

  it('repeats the id byte for byte, and a missing one as null', () => {
    expect(errorReply(Buffer.from('1e2'), { code: 'internal' }).toString()).toContain('"id":1e2,');
    expect(errorReply(null, { code: 'internal' }).toString()).toContain('"id":null,');
  });

  it('says which limit, and in whole milliseconds how long to wait', () => {
    const reply = errorReply(null, { code: 'rate-limited', retryAfterMs: 12.3, limit: 'local.rate_limit' });
    expect(JSON.parse(reply.toString())).toMatchObject({
      error: { data: { retry_after_ms: 13, limit: 'local.rate_limit' } },
    });
    expect(errorReply(null, { code: 'rate-limited' }).toString()).not.toContain('retry_after_ms');
  });
});

describe('splice', () => {
  it('changes the range and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.nat(), fc.uint8Array(), (bytes, a, b, replacement) => {
        const [start = 0, end = 0] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y);
        const result = splice(Buffer.from(bytes), { start, end }, Buffer.from(replacement));
        expect([...result]).toEqual([...bytes.slice(0, start), ...replacement, ...bytes.slice(end)]);
      }),
    );
  });
});

describe('onOneLine', () => {
  it('means the same, and is one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('\n', '\r\n', '\r'), (value, end) => {
        const pretty = JSON.stringify(value, null, 2).replaceAll('\n', end);
        const line = onOneLine(Buffer.from(pretty)).toString();
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.parse(line)).toEqual(JSON.parse(pretty));
      }),
    );
  });

  it('leaves one line, and what is escaped, as it is', () => {
    const line = Buffer.from('{"a":"\\n\u2028"}');
    expect(onOneLine(line)).toBe(line);
  });
});
