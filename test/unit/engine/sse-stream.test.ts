import { PassThrough, Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { readEventStream } from '../../../src/main/engine/gateway/transports/sse-stream';
import { RouterError } from '../../../src/shared/model/errors';

const LIMIT = 4096;

async function read(chunks: readonly Uint8Array[]): Promise<{ data: string[]; ids: string[]; code: string }> {
  const data: string[] = [];
  const ids: string[] = [];
  try {
    await readEventStream(Readable.from(chunks), LIMIT, {
      mayRead: () => Promise.resolve(),
      onRetry: () => undefined,
      onEvent: (event) => {
        data.push(event.data);
        ids.push(event.id ?? '');
      },
    });
    return { data, ids, code: 'ended' };
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { data, ids, code: error.code };
  }
}

describe('an event stream', () => {
  it.each(['\n', '\r\n', '\r'])('gives an event as soon as its last line end %j is there', async (end) => {
    const body = new PassThrough();
    let told: (data: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => {
      told = resolve;
    });
    const reading = readEventStream(body, LIMIT, {
      mayRead: () => Promise.resolve(),
      onRetry: () => undefined,
      onEvent: ({ data }) => {
        told(data);
      },
    });
    // The stream stays open, and nothing follows.
    body.write(`data: {}${end}${end}`);
    expect(await first).toBe('{}');
    body.end();
    await reading;
  });

  it('SEC-11 ends with a clear error when an event does not end within the limit', async () => {
    const endless = await read(Array.from({ length: 20 }, () => Buffer.from('data: '.repeat(100))));
    expect(endless.code).toBe('gateway-misbehaved');
    const manyLines = await read(Array.from({ length: 20 }, () => Buffer.from('data: x\n'.repeat(400))));
    expect(manyLines.code).toBe('gateway-misbehaved');
  });
});
