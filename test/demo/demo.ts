/**
 * The embedded demo of a source checkout: the gateway double with TLS and a token, on loopback only, in front of
 * server-everything. Prints one JSON line {"configPath","socketPath","environment"} when it is ready. Ends on SIGTERM,
 * on SIGINT, and when its stdin closes, and leaves nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createAuthority } from '../support/certificates';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { signToken } from '../support/gateway/tokens';
import { untilToldToStop } from '../support/until-told-to-stop';
import { createDemoFolder } from './demo-folder';

/** Of certificates and token; longer than anybody lets a demo run. */
const LIFETIME_SECONDS = 30 * 24 * 3600;
const SERVER_PROGRAM = '@modelcontextprotocol/server-everything/dist/index.js';

async function startDemoGateway(secret: string): Promise<{ gateway: Gateway; authorityPem: string }> {
  const notAfter = new Date(Date.now() + LIFETIME_SECONDS * 1000);
  const authority = createAuthority('MCP Router demo', { notAfter });
  const program = createRequire(import.meta.url).resolve(SERVER_PROGRAM);
  const gateway = await startGateway({
    tls: authority.issueServer({ hosts: ['localhost', '127.0.0.1'], notAfter }),
    auth: { kind: 'jwt', secret },
    duplex: true,
    remembers: 'nothing',
    backend: { kind: 'stdio', command: process.execPath, args: [program, 'stdio'] },
  });
  return { gateway, authorityPem: authority.certificatePem };
}

async function runDemo(): Promise<void> {
  const told = untilToldToStop();
  const folder = createDemoFolder();
  const secret = randomBytes(32).toString('base64url');
  let gateway: Gateway | null = null;
  try {
    const started = await startDemoGateway(secret);
    gateway = started.gateway;
    const gatewayUrl = gateway.urlFor('localhost');
    const exp = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
    const token = await signToken(secret, { sub: 'demo', exp });
    folder.fill({ gatewayUrl, authorityPem: started.authorityPem, token });
    const { configPath, socketPath } = folder;
    process.stdout.write(`${JSON.stringify({ configPath, socketPath, environment: {} })}\n`);
    process.stderr.write(`Demo gateway at ${gatewayUrl}, in front of server-everything.\n`);
    await told;
  } finally {
    await gateway?.stop();
    folder.remove();
  }
}

try {
  await runDemo();
  process.exit(0);
} catch (error) {
  process.stderr.write(`The demo cannot run: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
