import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { dial } from '../support/tls-jobs';

const authority = createAuthority('Test authority');
const clients = createAuthority('Client authority');
const server = authority.issueServer({ hosts: ['localhost'] });
const stranger = createAuthority('Elsewhere').issueClient({ commonName: 'eve' });
/** Node's own servers hang up without an alert, so a server that sends one is needed. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alert-'));
  await writeFile(join(folder, 'server.pem'), server.certificatePem + server.privateKeyPem);
  await writeFile(join(folder, 'clients.pem'), clients.certificatePem);
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function startServer(): Promise<number> {
  const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-Verify', '1'];
  const started = spawn('openssl', [...args, '-verify_return_error', '-CAfile', 'clients.pem'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child = started;
  let text = '';
  for await (const chunk of started.stdout) {
    text += String(chunk);
    const port = /^ACCEPT .*:(\d+)$/m.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`openssl did not listen: ${text}`);
}

describe.skipIf(!hasOpenssl)('a server that refuses the client certificate with an alert', () => {
  it('SEC-22 is a final cause of its own', async () => {
    const verdict = await dial({
      name: 'a stranger',
      url: `wss://localhost:${String(await startServer())}/`,
      gateway: {
        auth: { type: 'mtls', client_cert: '/c.pem', client_key: '/c.key' },
        tls: { ca_cert_path: '/ca.pem' },
      },
      files: {
        '/ca.pem': authority.certificatePem,
        '/c.pem': stranger.certificatePem,
        '/c.key': stranger.privateKeyPem,
      },
    });
    expect(verdict).toMatchObject({ state: 'failed', code: 'client-certificate-refused' });
  });
});
