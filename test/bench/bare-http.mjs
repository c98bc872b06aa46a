// @ts-check
// The least that carries MCP from stdio to Streamable HTTP: no limits, no checks, no event streams, no second try.
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const [, , url = '', token = ''] = process.argv;
const agent = new Agent({ keepAlive: true });
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  authorization: `Bearer ${token}`,
};
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const exchange = request(url, { method: 'POST', agent, headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode === 200) process.stdout.write(Buffer.concat([...chunks, Buffer.from('\n')]));
      });
    });
    exchange.end(line);
  })
  .on('close', () => agent.destroy());
