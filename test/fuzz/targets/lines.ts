import fc from 'fast-check';

import { batchRequestIds } from '../../../src/main/engine/jsonrpc/batch';
import { LineFramer } from '../../../src/main/engine/jsonrpc/framing';
import { errorReply, onOneLine } from '../../../src/main/engine/jsonrpc/message';
import { OversizeScanner, type OversizeMessage } from '../../../src/main/engine/jsonrpc/oversize';
import { scanMessage } from '../../../src/main/engine/jsonrpc/scan';
import { cutAt, cuts, holds, rawBytes, same } from '../bytes';
import { batchTexts, jsonTexts, messageTexts, parsed } from '../json-texts';
import { fuzzTarget } from '../target';

const LINE_FEED = 0x0a;

const ends = fc.constantFrom('\n', '\r\n', '\n', '\n\n', '\r', '\r\r\n', '').map((end) => Buffer.from(end));
const starts = fc.constantFrom('', '', '', '\ufeff', '\n').map((start) => Buffer.from(start));
const line = fc.oneof({ weight: 4, arbitrary: jsonTexts }, batchTexts, rawBytes(40));
const streams = fc
  .tuple(starts, fc.array(fc.tuple(line, ends), { maxLength: 6 }))
  .map(([start, lines]) => Buffer.concat([start, ...lines.flat()]));

type Piece = { readonly line: string } | { readonly oversize: number };

/** The same cutting over the whole stream at once. */
function expectedPieces(stream: Buffer, maxLineBytes: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (let isFirst = true; start <= stream.length;) {
    const feed = stream.indexOf(LINE_FEED, start);
    const end = feed === -1 ? stream.length : feed;
    const raw = stream.subarray(start, end);
    start = end + 1;
    if (raw.length === 0) continue;
    const wasTooLong = raw.length > maxLineBytes + 1;
    let text = raw.toString('latin1');
    if (isFirst && !wasTooLong) text = text.replace(/^\u00ef\u00bb\u00bf/, '');
    isFirst = false;
    if (!wasTooLong) text = text.replace(/\r$/, '');
    if (text.length > maxLineBytes) pieces.push({ oversize: text.length });
    else if (text !== '') pieces.push({ line: text });
  }
  return pieces;
}

/** What the router does with a line before it knows more: it never fails, and its refusals are messages. */
function takeLine(bytes: Buffer): void {
  const scanned = scanMessage(bytes);
  const ids = scanned.kind === 'batch' ? (batchRequestIds(bytes) ?? []) : [];
  const id = scanned.kind === 'invalid-request' ? scanned.id : null;
  for (const one of [id, ...ids]) {
    const reply = parsed(onOneLine(errorReply(one, { code: 'invalid-request' })));
    holds(reply !== undefined, 'the refusal is no JSON');
  }
}

export const linesTarget = fuzzTarget({
  name: 'lines',
  parser: 'the stream of a client, cut into lines',
  cases: fc.record({ stream: streams, places: cuts, maxLineBytes: fc.constantFrom(16, 64, 1024) }),
  check: ({ stream, places, maxLineBytes }) => {
    const pieces: Piece[] = [];
    const framer = new LineFramer(() => maxLineBytes, {
      onLine: (bytes) => {
        pieces.push({ line: bytes.toString('latin1') });
        takeLine(bytes);
      },
      onOversize: ({ byteLength }) => pieces.push({ oversize: byteLength }),
    });
    for (const chunk of cutAt(stream, places)) framer.push(chunk);
    framer.end();
    same(pieces, expectedPieces(stream, maxLineBytes), 'lines');
  },
});

function oversize(chunks: readonly Buffer[]): OversizeMessage {
  const scanner = new OversizeScanner();
  for (const chunk of chunks) scanner.push(chunk);
  return scanner.finish();
}

const shown = ({ id, kind, byteLength }: OversizeMessage): readonly unknown[] => [
  id?.toString(),
  kind,
  byteLength,
];

export const oversizeTarget = fuzzTarget({
  name: 'oversize',
  parser: 'the id of a line that is too large to keep',
  cases: fc.record({
    bytes: fc.oneof({ weight: 2, arbitrary: jsonTexts }, messageTexts),
    places: cuts,
  }),
  check: ({ bytes, places }) => {
    const found = oversize([bytes]);
    same(shown(oversize(cutAt(bytes, places))), shown(found), 'cut elsewhere');
    holds(parsed(errorReply(found.id, { code: 'line-too-large' })) !== undefined, 'the reply is no JSON');
    const scanned = scanMessage(bytes);
    if (scanned.kind !== 'message') return;
    const { message } = scanned;
    const id = message.kind === 'notification' ? null : message.id;
    const isAnswerWithoutId = message.kind === 'response' && id === null;
    same(found.kind, isAnswerWithoutId ? 'unknown' : message.kind, 'kind');
    const text = id === null ? undefined : bytes.toString('utf8', id.text.start, id.text.end);
    same(found.id?.toString(), text, 'id');
  },
});
