import type { Readable, Writable } from 'node:stream';

import { LineFramer } from '../jsonrpc/framing';
import { errorReply, type Refusal } from '../jsonrpc/message';
import { scanMessage } from '../jsonrpc/scan';

/**
 * Answers every request of a client with one and the same error until it closes its input: a client whose router
 * cannot start shows the reason to its user, which a dead process could not.
 */
export function refuseStream(
  input: Readable,
  output: Writable,
  refusal: Refusal & { readonly maxLineBytes: number },
): Promise<void> {
  const answer = (id: Buffer | null): void => {
    output.write(Buffer.concat([errorReply(id, refusal), Buffer.from('\n')]));
  };
  const framer = new LineFramer(() => refusal.maxLineBytes, {
    onLine: (line) => {
      const scanned = scanMessage(line);
      if (scanned.kind === 'invalid-request') answer(scanned.id);
      else if (scanned.kind !== 'message') answer(null);
      else if (scanned.message.kind === 'request') {
        const { start, end } = scanned.message.id.text;
        answer(line.subarray(start, end));
      }
    },
    onOversize: ({ id, kind }) => {
      if (kind === 'request') answer(id);
    },
  });
  return new Promise((resolve) => {
    input.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    input.once('end', () => {
      framer.end();
      output.write('', () => {
        resolve();
      });
    });
    // For ever: stdout reports a broken pipe at each write, and an error without a listener would end the process.
    input.on('error', resolve);
    output.on('error', resolve);
  });
}
