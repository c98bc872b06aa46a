import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AuthVerdict } from './authenticate';
import { authenticate } from './authenticate';
import type { Faults } from './faults';
import type { GatewaySettings } from './settings';

/** What becomes of an HTTP request at the gateway's door. */
export type Admission =
  | { readonly kind: 'admitted' }
  | Refusal
  /** The connection is dropped without an answer. */
  | { readonly kind: 'crashed' }
  /** Nothing is ever answered. */
  | { readonly kind: 'ignored' };

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the door needs to know. */
export interface Door {
  readonly settings: GatewaySettings;
  readonly faults: Faults;
  readonly openConnections: number;
}

/** Decides in the order of the real gateway: path, limit, credential, upgrade (gateway-protocol 1.2). */
export async function admit(request: IncomingMessage, door: Door): Promise<Admission> {
  const { settings, openConnections } = door;
  const fault = door.faults.takeForUpgrade();
  if (fault?.kind === 'ignore-upgrade') return { kind: 'ignored' };
  if (fault?.kind === 'refuse-upgrade')
    return refuse(fault.status, fault.body ?? STATUS_CODES[fault.status] ?? '', fault.headers);

  const path = request.url?.split('?')[0];
  if (settings.path !== '/' && path !== settings.path) return refuse(404, '404 page not found');
  if (openConnections >= settings.maxConnections) {
    const count = `${openConnections}/${settings.maxConnections}`;
    return refuse(503, `service connection limit reached: ${count} is unavailable`);
  }
  const verdict = await authenticate(settings.auth, request.headers.authorization, settings.now());
  return ofVerdict(verdict) ?? judgeHandshake(request, settings);
}

function ofVerdict(verdict: AuthVerdict): Admission | null {
  if (verdict.kind === 'accepted') return null;
  return verdict.kind === 'crashed' ? { kind: 'crashed' } : refuse(401, 'Unauthorized');
}

function judgeHandshake(request: IncomingMessage, settings: GatewaySettings): Admission {
  const { headers } = request;
  const isHandshake =
    request.method === 'GET' &&
    /\bupgrade\b/i.test(headers.connection ?? '') &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    Buffer.from(headers['sec-websocket-key'] ?? '', 'base64').length === 16;
  if (!isHandshake) return refuse(400, 'Bad Request', { 'Sec-Websocket-Version': '13' });
  const { origin } = headers;
  const isAllowed =
    settings.allowedOrigins.length === 0 || origin === undefined || settings.allowedOrigins.includes(origin);
  return isAllowed ? { kind: 'admitted' } : refuse(403, 'Forbidden', { 'Sec-Websocket-Version': '13' });
}

/** As Go's http.Error does it, line break included. */
function refuse(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return {
    kind: 'refused',
    status,
    body: `${text}\n`,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers },
  };
}

/** Answers an upgrade request with a refusal and ends the connection. */
export function refuseOnSocket(socket: Duplex, { status, body, headers }: Refusal): void {
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/** Answers a plain request with a refusal. */
export function refuseOnResponse(response: ServerResponse, { status, body, headers }: Refusal): void {
  response.writeHead(status, { ...headers, Connection: 'close' }).end(body);
}
