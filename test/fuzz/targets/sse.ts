import { Readable } from 'node:stream';

import fc from 'fast-check';

import { readEventStream } from '../../../src/main/engine/gateway/transports/sse-stream';
import { RouterError } from '../../../src/shared/model/errors';
import { cutAt, cuts, holds, mutated, rawBytes, same } from '../bytes';
import { jsonTexts } from '../json-texts';
import { fuzzTarget } from '../target';

const MAX_EVENT_BYTES = 1024;
const sseWords = [
  ...['data:', 'data: ', 'data', 'id:', 'id: 1\0', 'event: endpoint', 'event:', 'retry: 5', 'retry: x', ':'],
  ...['\n', '\n\n', '\r', '\r\n', '\r\n\r\n', '\r\r', '\ufeff', '\0', ' ', 'e\u0301', '\u{1f600}'],
  ...['retry: 99999999999999999999', 'id', 'x'.repeat(600), 'data: x\n'.repeat(300)],
];
const field = fc.oneof(
  jsonTexts.map((text) => `data: ${text.toString().replaceAll(/[\r\n]/g, ' ')}`),
  fc.constantFrom(...sseWords),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const ends = fc.constantFrom('\n', '\n\n', '\r\n', '\r\n\r\n', '\r', '\r\r');
const streams = fc.oneof(
  {
    weight: 6,
    arbitrary: mutated(
      fc.array(fc.tuple(field, ends), { maxLength: 10 }).map((lines) => Buffer.from(lines.flat().join(''))),
      sseWords,
    ),
  },
  rawBytes(200),
);

/** One event as both readers tell it. */
type Told = readonly [string, string, string];

async function read(chunks: readonly Buffer[]): Promise<{ events: Told[]; end: string }> {
  const events: Told[] = [];
  try {
    await readEventStream(Readable.from(chunks), MAX_EVENT_BYTES, {
      mayRead: () => Promise.resolve(),
      onRetry: (retryMs) => {
        holds(Number.isSafeInteger(retryMs) && retryMs >= 0 && retryMs < 2 ** 31, `retry ${String(retryMs)}`);
      },
      onEvent: ({ event, id, data }) => {
        holds(Buffer.byteLength(data) <= MAX_EVENT_BYTES, 'an event above the limit');
        events.push([event ?? '', id ?? '', data]);
      },
    });
    return { events, end: 'ended' };
  } catch (error) {
    if (error instanceof RouterError) return { events, end: error.code };
    throw error;
  }
}

/** The steps of the HTML standard (9.2.6) over the whole text. */
function expectedEvents(text: string): readonly Told[] {
  const events: Told[] = [];
  let [data, event, id]: [string[], string, string | undefined] = [[], '', undefined];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  // What follows the last line end is no line yet.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) events.push([event, id ?? '', data.join('\n')]);
      [data, event, id] = [[], '', undefined];
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  }
  return events;
}

export const sseTarget = fuzzTarget({
  name: 'sse',
  parser: 'a stream of server-sent events, split at any byte',
  cases: fc.record({ stream: streams, places: cuts }),
  check: async ({ stream, places }) => {
    const cut = await read(cutAt(stream, places));
    holds(['ended', 'gateway-misbehaved'].includes(cut.end), `ended with ${cut.end}`);
    if (cut.end !== 'ended') return;
    const whole = await read([stream]);
    // A line that is too long for one chunk may still be within the limit in pieces, never the other way round.
    if (whole.end !== 'ended') return;
    same(cut.events, whole.events, 'cut elsewhere');
    const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(stream);
    // Bytes at the end that are no whole character are never decoded.
    if (!text.endsWith('\ufffd')) same(whole.events, expectedEvents(text), 'events');
  },
});
