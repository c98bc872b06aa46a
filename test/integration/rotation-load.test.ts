import { renameSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { RecordedHttpServer } from '../support/recorded-http-server';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { runTokenCommand } from '../support/token-command';

/** Rotations in all: tokens, configurations and certificates in turn. */
const ROTATIONS = 50;
/** 500 requests a second, in small bursts. A slow machine sends fewer; what is counted stays the same. */
const BURST = 5;
const BURST_EVERY_MS = 10;
/** Two credentials are valid at a time, as during an overlap. */
const VALID = 2;

const authority = createAuthority('Load authority');
const server = authority.issueServer({ hosts: ['localhost', '127.0.0.1'] });
const tls = { ...server, clientAuthorityPem: authority.certificatePem };

let home: TemporaryHome;
let router: RouterProcess | undefined;
let tokens: readonly string[];

beforeEach(() => {
  home = new TemporaryHome();
  tokens = ['token-0'];
  home.write('ca.pem', authority.certificatePem, 0o644);
  home.write('token', 'token-0');
  writeCertificate(0);
});

afterEach(async () => {
  await router?.end();
  home.remove();
});

function swap(name: string, text: string): void {
  renameSync(home.write(`${name}.new`, text), `${home.path}/${name}`);
}

function writeCertificate(at: number): void {
  const { certificatePem, privateKeyPem } = authority.issueClient({ commonName: `client ${String(at)}` });
  swap('client.key', privateKeyPem);
  swap('client.crt', certificatePem);
}

function configText(url: string, at: number): string {
  const path = (name: string): string => `${home.path}/${name}`;
  return `gateway:
  url: ${url}
  auth: { type: bearer, token_file: ${path('token')}, client_cert: ${path('client.crt')}, client_key: ${path('client.key')} }
  tls: { ca_cert_path: ${path('ca.pem')} }
  connection: { max_http_connections: 8, timeout_ms: ${String(30_000 + at)} }
local:
  request_timeout_ms: 120000
  max_concurrent_requests: 100000
  max_queued_requests: 100000
  drain_timeout_ms: 60000
  rate_limit: { requests_per_second: 1000000, burst: 1000000 }
`;
}

/** Replies that differ from exactly one result for each request. */
async function loadWhileRotating(
  url: string,
  accept: () => void,
  rotate: (at: number, rotating: Rotating) => Promise<void> = rotateOne,
): Promise<Outcome> {
  const path = home.write('router.yaml', configText(url, 0));
  const running = new RouterProcess(home, { args: ['-c', path] });
  router = running;
  running.send({
    jsonrpc: '2.0',
    id: 'init',
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'load', version: '1' } },
  });
  await running.reply('init', 60_000);
  running.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  let sent = 0;
  const load = setInterval(() => {
    for (let more = 0; more < BURST; more += 1) {
      sent += 1;
      running.send({ jsonrpc: '2.0', id: sent, method: 'tools/call', params: { at: sent } });
    }
  }, BURST_EVERY_MS);
  try {
    for (let at = 1; at <= ROTATIONS; at += 1) await rotate(at, { running, url, accept });
  } finally {
    clearInterval(load);
  }
  await running.until('every reply', () => running.lines.length >= sent + 1, 60_000);
  return outcomeOf(running, sent);
}

interface Outcome {
  readonly sent: number;
  readonly replies: number;
  readonly different: number;
  readonly notResults: readonly unknown[];
}

function outcomeOf(running: RouterProcess, sent: number): Outcome {
  const replies = running.parsed().filter(({ id }) => id !== 'init');
  return {
    sent,
    replies: replies.length,
    different: new Set(replies.map(({ id }) => id)).size,
    notResults: replies.filter((reply) => !('result' in reply)),
  };
}

interface Rotating {
  readonly running: RouterProcess;
  readonly url: string;
  /** Makes the other side accept the tokens of now. */
  readonly accept: () => void;
}

/** Replaces one thing, and waits until the router has taken it into use. */
async function rotateOne(at: number, { running, url, accept }: Rotating): Promise<void> {
  const times = (words: string): number => running.stderr.split(words).length - 1;
  const isConfig = at % 3 === 1;
  const sign = isConfig ? 'configuration applied' : 'credential changed,';
  const [before, connectedBefore] = [times(sign), times('connection connected')];
  if (isConfig) swap('router.yaml', configText(url, at));
  else if (at % 3 === 2) writeCertificate(at);
  else {
    tokens = [...tokens, `token-${String(at)}`].slice(-VALID);
    accept();
    swap('token', `token-${String(at)}\n`);
  }
  const isInUse = (): boolean => times(sign) > before && times('connection connected') > connectedBefore;
  await running.until(`rotation ${String(at)}\n${running.stderr.slice(-2000)}`, isInUse, 60_000);
}

/** Lets the command rotate: certificates and tokens in turn. */
async function rotateByCommand(at: number, { running, accept }: Rotating): Promise<void> {
  const times = (words: string): number => running.stderr.split(words).length - 1;
  const [before, connectedBefore] = [times('credential changed,'), times('connection connected')];
  const config = ['-c', `${home.path}/router.yaml`];
  let ended;
  if (at % 2 === 0) {
    const { certificatePem, privateKeyPem } = authority.issueClient({ commonName: `client ${String(at)}` });
    const files = [home.write('next.crt', certificatePem), home.write('next.key', privateKeyPem)] as const;
    const flags = ['--certificate', files[0], '--key', files[1]];
    ended = await runTokenCommand(home, ['rotate', ...flags, ...config]);
  } else {
    tokens = [...tokens, `token-${String(at)}`].slice(-VALID);
    accept();
    ended = await runTokenCommand(home, ['rotate', ...config], `token-${String(at)}`);
  }
  expect(ended).toMatchObject({ code: 0 });
  const isInUse = (): boolean =>
    times('credential changed,') > before && times('connection connected') > connectedBefore;
  await running.until(`rotation ${String(at)}\n${running.stderr.slice(-2000)}`, isInUse, 60_000);
}

const lossless = ({ sent }: Outcome): Outcome => ({ sent, replies: sent, different: sent, notResults: [] });

describe('SEC-73 500 requests a second while token, configuration and certificate rotate 50 times', () => {
  it('lose nothing over WebSocket with TLS', { timeout: 240_000 }, async () => {
    const gateway = await startGateway({
      tls,
      backend: echoBackend(),
      duplex: true,
      auth: { kind: 'tokens', tokens },
    });
    try {
      const outcome = await loadWhileRotating(gateway.urlFor('localhost'), () => {
        gateway.reconfigure({ auth: { kind: 'tokens', tokens } });
      });
      expect(outcome).toEqual(lossless(outcome));
      expect(outcome.sent).toBeGreaterThan(ROTATIONS);
      expect(gateway.recording.requests('tools/call')).toHaveLength(outcome.sent);
    } finally {
      await gateway.stop();
    }
  });

  it(
    'lose nothing while the command rotates tokens and client certificates',
    { timeout: 400_000 },
    async () => {
      const gateway = await startGateway({
        tls,
        backend: echoBackend(),
        duplex: true,
        auth: { kind: 'tokens', tokens },
      });
      const accept = (): void => {
        gateway.reconfigure({ auth: { kind: 'tokens', tokens } });
      };
      try {
        const outcome = await loadWhileRotating(gateway.urlFor('localhost'), accept, rotateByCommand);
        expect(outcome).toEqual(lossless(outcome));
        expect(outcome.sent).toBeGreaterThan(ROTATIONS);
        expect(gateway.recording.requests('tools/call')).toHaveLength(outcome.sent);
      } finally {
        await gateway.stop();
      }
    },
  );

  it('lose nothing over Streamable HTTP', { timeout: 240_000 }, async () => {
    const http = await RecordedHttpServer.start(({ method, headers, body }, response) => {
      const isKnown = tokens.some((token) => headers.authorization === `Bearer ${token}`);
      const id = /"id":("[^"]*"|\d+)/.exec(body)?.[1];
      if (!isKnown) response.writeHead(401).end();
      else if (method !== 'POST') response.writeHead(method === 'GET' ? 405 : 200).end();
      else if (id === undefined) response.writeHead(202).end();
      else {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
      }
    }, tls);
    try {
      const outcome = await loadWhileRotating(http.urlFor('/mcp', 'localhost'), () => undefined);
      expect(outcome).toEqual(lossless(outcome));
      expect(http.posts('tools/call')).toHaveLength(outcome.sent);
    } finally {
      await http.stop();
    }
  });
});
