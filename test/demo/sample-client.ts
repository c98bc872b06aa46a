/**
 * Gives the demo something to show: two MCP clients on the router's socket that keep doing small, varied things.
 *
 *   sample-client --socket PATH
 *
 * They come back by themselves when the router is not up yet or starts again. Ends on SIGTERM, on SIGINT, and when its
 * stdin closes.
 */
import { parseArgs } from 'node:util';
import { untilToldToStop } from '../support/until-told-to-stop';
import { keepBusy } from './sample-traffic';

const { values } = parseArgs({ options: { socket: { type: 'string' } } });
if (values.socket === undefined) {
  process.stderr.write('name the socket of the router with --socket PATH\n');
  process.exit(1);
}

const socketPath = values.socket;
const stopping = new AbortController();
const clients = [
  keepBusy({ name: 'Sample client', socketPath, pauseMs: 1300, signal: stopping.signal }),
  keepBusy({ name: 'Sample editor', socketPath, pauseMs: 3100, signal: stopping.signal }),
];
await untilToldToStop();
stopping.abort();
await Promise.all(clients);
process.exit(0);
