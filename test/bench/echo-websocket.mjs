// @ts-check
// A WebSocket gateway that answers each request with its own arguments, in the gateway's envelope. Prints its address.
import { WebSocketServer } from 'ws';
import { resultFor } from './echo-result.mjs';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    process.stdout.write(`ws://127.0.0.1:${String(address.port)}/\n`);
  }
});
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    /** @type {{ id: unknown, mcp_payload: import('./echo-result.mjs').Call }} */
    const { id, mcp_payload: message } = JSON.parse(String(data));
    // The real gateway answers notifications, too; this one does not, so that only replies are counted.
    if (message.id === undefined || message.id === null) return;
    const reply = { jsonrpc: '2.0', id: message.id, result: resultFor(message) };
    const timestamp = new Date().toISOString();
    socket.send(JSON.stringify({ id, timestamp, source: 'gateway', mcp_payload: reply }));
  });
});
process.stdin.resume().on('end', () => process.exit(0));
