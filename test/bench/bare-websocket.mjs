// @ts-check
// The least that carries MCP from stdio to the gateway's WebSocket: no limits, no checks, no second connection.
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const [, , url = '', token = ''] = process.argv;
const headers = { Authorization: `Bearer ${token}` };
const socket = new WebSocket(url, { headers, perMessageDeflate: false });
const opened = new Promise((resolve) => socket.once('open', resolve));
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    if (socket.readyState !== WebSocket.OPEN) await opened;
    const message = JSON.parse(line);
    const envelope = { id: message.id ?? null, timestamp: new Date().toISOString(), source: 'local-router' };
    const rest = { target_namespace: 'default', auth_token: token, mcp_payload: message };
    socket.send(JSON.stringify({ ...envelope, ...rest }));
  })
  .on('close', () => socket.close());
socket.on('message', (data) => {
  process.stdout.write(`${JSON.stringify(JSON.parse(String(data)).mcp_payload)}\n`);
});
