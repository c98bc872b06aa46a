/**
 * The gateway double as a process of its own, so that it can be killed for real:
 *
 *   gateway [--port N] [--token T ...] [--tls-cert FILE --tls-key FILE] [--path /] [--encoding go|raw]
 *           [--notifications faithful|strict] [--duplex] [--record FILE] -- COMMAND [ARGS...]
 *
 * Prints one JSON line {"url","port","pid"} when it listens. With --record, each message of a router is appended to
 * the file before it is handled, one JSON line each. Ends on SIGTERM, on SIGINT, and when a pipe on stdin closes.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { untilToldToStop } from '../until-told-to-stop';
import { startGateway } from './gateway';
import type { RecordedMessage } from './recording';
import type { GatewayOptions, GatewayTls } from './settings';

function readOptions(args: string[]): GatewayOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '0' },
      path: { type: 'string', default: '/' },
      token: { type: 'string', multiple: true },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      encoding: { type: 'string', default: 'go' },
      notifications: { type: 'string' },
      duplex: { type: 'boolean', default: false },
      record: { type: 'string' },
    },
  });
  const [command, ...commandArgs] = positionals;
  if (command === undefined) throw new Error('name the command of an MCP server after --');
  const { path, duplex, token, notifications, record } = values;
  return {
    port: Number(values.port),
    path,
    duplex,
    remembers: 'nothing',
    auth: token === undefined ? { kind: 'none' } : { kind: 'tokens', tokens: token },
    encoding: oneOf('--encoding', values.encoding, ['go', 'raw']),
    backend: { kind: 'stdio', command, args: commandArgs },
    ...(notifications === undefined
      ? {}
      : { notifications: oneOf('--notifications', notifications, ['faithful', 'strict']) }),
    ...tlsFrom(values['tls-cert'], values['tls-key']),
    ...(record === undefined ? {} : { onMessage: recordTo(record) }),
  };
}

function tlsFrom(certificate: string | undefined, key: string | undefined): { readonly tls?: GatewayTls } {
  if (certificate === undefined || key === undefined) return {};
  return {
    tls: { certificatePem: readFileSync(certificate, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') },
  };
}

function recordTo(file: string): (message: RecordedMessage) => void {
  return ({ connection, kind, method, idText, payloadText }) => {
    appendFileSync(file, `${JSON.stringify({ connection, kind, method, idText, payloadText })}\n`);
  };
}

function oneOf<Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new Error(`${name} must be one of: ${choices.join(', ')}`);
  return choice;
}

const told = untilToldToStop();
const gateway = await startGateway(readOptions(process.argv.slice(2)));
const { url, port } = gateway;
process.stdout.write(`${JSON.stringify({ url, port, pid: process.pid })}\n`);
await told;
await gateway.stop();
process.exit(0);
