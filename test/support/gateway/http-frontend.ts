import type { ServerResponse } from 'node:http';

import { RecordedHttpServer, type RecordedRequest, type ServerCertificate } from '../recorded-http-server';
import { authenticate, type GatewayAuth } from './authenticate';
import { BackendFailure, type Backend } from './backend';
import { BackendSessions } from './backend-sessions';
import { goEncoding } from './encoding';
import { errorPayload, readEnvelope, type Envelope } from './envelope';
import { errorTexts } from './error-texts';
import { resolveNamespace } from './namespaces';

/** How the HTTP frontend is set up. */
export interface HttpFrontendOptions {
  /** Serves the namespaces `default` and `system`. */
  readonly backend: Backend;
  readonly auth?: GatewayAuth;
  readonly certificate?: ServerCertificate;
}

const PATH = '/api/v1/mcp';
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The HTTP frontend of the real gateway (gateway-protocol 3.1): an envelope in, a bare reply out, errors with status 200
 * and without an id, and a session for each request.
 */
export async function startHttpFrontend(options: HttpFrontendOptions): Promise<RecordedHttpServer> {
  let count = 0;
  return RecordedHttpServer.start(async (request, response) => {
    count += 1;
    await answer({ request, response, options, number: count });
  }, options.certificate);
}

interface Asked {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  readonly options: HttpFrontendOptions;
  readonly number: number;
}

async function answer({ request, response, options, number }: Asked): Promise<void> {
  const send = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${body}\n`);
  };
  if (request.path.split('?')[0] !== PATH) {
    response.writeHead(404).end('404 page not found\n');
  } else if (request.method !== 'POST') {
    send(405, '{"error":"method not allowed"}');
  } else if (!(await isAdmitted(request, options))) {
    send(401, '{"error":"unauthorized"}');
  } else if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) {
    send(400, '{"error":"invalid request body"}');
  } else {
    send(200, await replyTo(request.body, options.backend, number));
  }
}

async function isAdmitted(request: RecordedRequest, { auth }: HttpFrontendOptions): Promise<boolean> {
  const verdict = await authenticate(auth ?? { kind: 'none' }, request.headers.authorization, new Date());
  return verdict.kind === 'accepted';
}

async function replyTo(body: string, backend: Backend, number: number): Promise<string> {
  const envelope = readEnvelope(body);
  if (envelope.kind === 'rejected') return errorPayload('null', envelope.errorText);
  const namespace = resolveNamespace(envelope.targetNamespace, envelope.method, envelope.params);
  if (namespace !== 'default' && namespace !== 'system') {
    return errorPayload('null', errorTexts.noEndpoints(namespace));
  }
  const sessions = new BackendSessions(number, () => undefined);
  try {
    return await exchange(envelope, sessions, backend);
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    return errorPayload('null', error.message);
  } finally {
    await sessions.closeAll('now');
  }
}

async function exchange(envelope: Envelope, sessions: BackendSessions, backend: Backend): Promise<string> {
  const session = sessions.sessionFor(backend);
  const text = goEncoding.toBackend(envelope.payloadText);
  if (envelope.payloadKind === 'request') return goEncoding.toRouter(await session.request(text));
  await session.deliver(text);
  return errorPayload('null', errorTexts.backendStatus(202, ''));
}
