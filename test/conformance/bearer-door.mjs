// @ts-check
import { createServer, request as ask } from 'node:http';

/**
 * The router keeps a stream open until the reply is there, also while the server has it poll. So that the suite can look at
 * how its door lets a client come back, streams of calls of this tool break behind their first event.
 */
const BROKEN = '"test_reconnection"';

/**
 * Stands in front of an address that wants a token, for a suite that has no way to send one. Passes everything else as it is;
 * only its own address is replaced by that behind it.
 * @param {URL} behind
 * @param {string} token
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startBearerDoor(behind, token) {
  const server = createServer((request, response) => {
    const own = request.socket.localPort;
    const named = (/** @type {string | undefined} */ value) =>
      value?.replace(new RegExp(`:${String(own)}$`), `:${behind.port}`);
    const { host, origin } = request.headers;
    const headers = {
      ...request.headers,
      host: named(host),
      ...(origin !== undefined && { origin: named(origin) }),
      authorization: `Bearer ${token}`,
    };
    const { method, url: path } = request;
    const options = { host: behind.hostname, port: behind.port, path, method, headers, agent: false };
    const onward = ask(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.once('data', () => {
        if (!isBroken) return;
        response.end();
        onward.destroy();
      });
    });
    let isBroken = false;
    request.on('data', (/** @type {Buffer} */ chunk) => {
      isBroken ||= chunk.includes(BROKEN);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}${behind.pathname}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}
