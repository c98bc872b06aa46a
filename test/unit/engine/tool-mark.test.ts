import { describe, expect, it } from 'vitest';

import { scanMessage } from '../../../src/main/engine/jsonrpc/scan';
import { toolMark } from '../../../src/main/engine/jsonrpc/tool-mark';

function markOf(params: string, method = 'tools/call'): number | null {
  const scanned = scanMessage(
    Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`),
  );
  if (scanned.kind !== 'message' || scanned.message.kind !== 'request') throw new Error('no request');
  return toolMark(scanned.message);
}

describe('the mark of a tool', () => {
  const add = markOf('{"name":"add","arguments":{"a":1}}');

  it('is the same for the same tool, whatever the arguments and the spaces, and not 0', () => {
    expect(add).toBeGreaterThan(0);
    for (const params of [
      '{"name":"add"}',
      ' { "name" : "add" , "arguments" : { } } ',
      '{"arguments":{"name":"other"},"name":"add"}',
      '{"_meta":{"progressToken":1},"name":"add","arguments":[]}',
    ]) {
      expect(markOf(params)).toBe(add);
    }
  });

  it('is another one for another tool', () => {
    const marks = ['add', 'Add', 'adds', '', 'äää', 'a'.repeat(300)].map((name) =>
      markOf(`{"name":"${name}"}`),
    );
    expect(new Set(marks).size).toBe(marks.length);
  });

  it.each(['{}', '[]', '"add"', 'null', '{"name":5}', '{"name":null}', '{"Name":"add"}'])(
    'is 0 in %s',
    (params) => {
      expect(markOf(params)).toBe(0);
    },
  );

  it('is not looked for behind large arguments', () => {
    expect(markOf(`{"arguments":"${'x'.repeat(5000)}","name":"add"}`)).toBe(0);
    expect(markOf(`{"name":"add","arguments":"${'x'.repeat(5000)}"}`)).toBe(add);
  });

  it('is null for other methods', () => {
    expect(markOf('{"name":"add"}', 'prompts/get')).toBeNull();
  });
});
