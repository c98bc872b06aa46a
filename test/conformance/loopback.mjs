// @ts-check
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { complain } from './complain.mjs';

/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:http').ServerResponse} Answer */

/**
 * Serves `/mcp` on loopback for local callers only.
 * @param {(request: Incoming, response: Answer, body: unknown) => Promise<void>} serve the body is undefined when it is no JSON
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function serveLoopback(serve) {
  const isLocalHost = localhostHostValidation();
  const isLocalOrigin = localhostOriginValidation();
  const server = createServer((request, response) => {
    if (!isLocalHost(request, response) || !isLocalOrigin(request, response)) return;
    bodyOf(request)
      .then((body) => serve(request, response, body))
      .catch((/** @type {unknown} */ error) => {
        complain(error);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}/mcp`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}

/** @param {Incoming} request */
async function bodyOf(request) {
  if (request.method !== 'POST') return undefined;
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return /** @type {unknown} */ (JSON.parse(Buffer.concat(chunks).toString()));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
