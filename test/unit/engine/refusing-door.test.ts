import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { refuseStream } from '../../../src/main/engine';

function refuse(maxLineBytes = 1024): {
  readonly input: PassThrough;
  readonly output: PassThrough;
  readonly done: Promise<void>;
} {
  const input = new PassThrough();
  const output = new PassThrough();
  const done = refuseStream(input, output, { code: 'config-invalid', detail: 'line 3', maxLineBytes });
  return { input, output, done };
}

async function idsFor(...lines: readonly string[]): Promise<unknown> {
  const { input, output, done } = refuse();
  input.end(lines.join('\n'));
  await done;
  const text = String(output.read() ?? '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      expect(JSON.parse(line)).toMatchObject({ error: { data: { code: 'config-invalid' } } });
      return /"id":(.*?),"error"/.exec(line)?.[1];
    });
}

describe('refuseStream', () => {
  it('answers each request with its own id, and nothing else', async () => {
    const lines = [
      '{"jsonrpc":"2.0","id":1e2,"method":"initialize"}',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":"\\u0061","method":"tools/list"}',
      '{"jsonrpc":"2.0","id":5,"result":{}}',
    ];
    expect(await idsFor(...lines)).toEqual(['1e2', '"\\u0061"']);
  });

  it('answers what is no request, with the id where there is one', async () => {
    expect(await idsFor('nonsense', '{"id":7,"method":"m"}', '[]')).toEqual(['null', '7', 'null']);
  });

  it('answers a line that is too large with the id that could be found', async () => {
    const large = `{"jsonrpc":"2.0","id":9,"method":"m","params":"${'x'.repeat(2000)}"}`;
    const notification = `{"jsonrpc":"2.0","method":"m","params":"${'x'.repeat(2000)}"}`;
    expect(await idsFor(large, notification)).toEqual(['9']);
  });

  it('ends when the client reads no more, and survives every further write', async () => {
    const { input, output, done } = refuse();
    output.destroy(new Error('EPIPE'));
    await done;
    input.write('{"jsonrpc":"2.0","id":1,"method":"m"}\n');
    output.emit('error', new Error('EPIPE again'));
    expect(output.destroyed).toBe(true);
  });

  it('ends when the input breaks', async () => {
    const { input, done } = refuse();
    input.destroy(new Error('EIO'));
    await done;
    expect(input.destroyed).toBe(true);
  });
});
