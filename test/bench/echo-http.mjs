// @ts-check
// A Streamable HTTP server that answers each request with its own arguments, as JSON. Prints its address.
import { createServer } from 'node:http';
import { resultFor } from './echo-result.mjs';

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    // No stream of its own, and no session to end.
    response.writeHead(405, { allow: 'POST' }).end();
    return;
  }
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
  request.on('end', () => {
    /** @type {import('./echo-result.mjs').Call} */
    const message = JSON.parse(Buffer.concat(chunks).toString());
    if (message.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: resultFor(message) });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    process.stdout.write(`http://127.0.0.1:${String(address.port)}/mcp\n`);
  }
});
process.stdin.resume().on('end', () => process.exit(0));
