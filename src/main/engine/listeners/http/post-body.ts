import type { IncomingMessage } from 'node:http';

/** What became of reading the body. `gone`: the client went away in the middle of it. */
export type PostBody =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'gone' };

/** Reads the body, of which no more than this is kept. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<PostBody> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    const finish = (body: PostBody): void => {
      request.removeListener('data', take);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      byteLength += chunk.length;
      if (byteLength > maxBytes) {
        request.pause();
        finish({ kind: 'too-large' });
      } else {
        chunks.push(chunk);
      }
    };
    request.on('data', take);
    request.once('end', () => {
      finish({ kind: 'whole', bytes: Buffer.concat(chunks) });
    });
    request.once('close', () => {
      finish({ kind: 'gone' });
    });
    request.on('error', () => undefined);
  });
}
