import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, AttachBench } from '../support/attach-bench';
import { echoBackend } from '../support/gateway/backend-function';
import { guideCommands } from '../support/guide-commands';
import { runLine, writeStandIns } from '../support/guide-machine';
import { openKeyring, type OpenKeyring } from '../support/open-keyring';
import type { RouterProcess } from '../support/router-process';
import { storedSecret } from '../support/stored-secret';
import { containing } from '../unit/platform/text-matchers';

const LIMIT_MS = 30_000;
const STOLEN = 'canary-stolen-token-8c1f0d3e';
const FRESH = 'canary-fresh-token-77ab21c9';
const METRICS = 'canary-metrics-token-5d0e66b2';

let bench: AttachBench;
let session: OpenKeyring;
let log: string;
let config: string;

beforeEach(async () => {
  bench = await AttachBench.start({
    backend: echoBackend(),
    auth: { kind: 'tokens', tokens: [STOLEN, FRESH] },
  });
  session = await openKeyring(bench.home.path);
  mkdirSync(join(bench.home.path, 'log'), { mode: 0o700 });
  log = join(bench.home.path, 'log/router.log');
  config = bench.home.write(
    'incident.yaml',
    `gateway:
  url: ${bench.gateway.url}
  auth: { type: bearer, token_secure_key: gateway }
logging: { output: ${log}, audit: { enabled: true, output: ${join(bench.home.path, 'audit/audit.log')} } }
security: { contact: "the security desk, room 12", rotation_days: 90 }
`,
  );
});

afterEach(async () => {
  await bench.stop();
  await session.end();
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function command(args: readonly string[], input?: string): Promise<Said> {
  const router = bench.run(args, session.env);
  if (input !== undefined) router.send(input);
  const code = await router.end();
  return { code, out: router.lines.join('\n'), err: router.stderr };
}

const withConfig = (...args: readonly string[]): Promise<Said> => command([...args, '--config', config]);

async function serving(): Promise<RouterProcess> {
  const router = bench.run(['serve', '--config', config], { ...session.env, MCP_METRICS_ENABLED: 'false' });
  const isConnected = (): boolean => bench.gateway.connections.length === 1;
  await bench.gateway.until('the connection', isConnected, LIMIT_MS);
  return router;
}

describe.skipIf(process.platform !== 'linux')('an incident', () => {
  it('SEC-60 can be gone through with the steps of the guide: each of them succeeds', async () => {
    expect((await command(['token', 'set', 'gateway'], STOLEN)).code).toBe(0);
    const serve = await serving();
    const client = bench.run([], session.env);
    client.send(ask(1));
    expect(await client.reply(1, LIMIT_MS)).toHaveProperty('result');

    // Immediate: nothing passes, and the stolen token is gone here.
    const lockdown = await withConfig('lockdown', '--delete-credentials', '--yes');
    expect(lockdown).toMatchObject({ code: 0, out: containing('Deleted from the keychain: gateway') });
    expect(lockdown.out).toContain('Tell the security desk, room 12.');
    client.send(ask(2));
    expect(await client.reply(2, LIMIT_MS)).toMatchObject({ error: { data: { code: 'locked-down' } } });
    expect(await storedSecret('gateway', session.env)).toBe('');
    // What the records are sealed with is evidence.
    expect(await storedSecret('audit-anchor-key', session.env)).not.toBe('');

    // Rotate credentials.
    expect((await command(['token', 'set', 'gateway'], FRESH)).code).toBe(0);

    // Review audit logs, and check who was there.
    expect((await withConfig('audit', 'verify')).code).toBe(0);
    const tail = await withConfig('audit', 'tail', '-n', '100', '--json');
    for (const action of [
      'session-opened',
      'credential-used',
      'lockdown',
      'locked-down',
      'credential-deleted',
    ])
      expect(tail.out).toContain(`"action":"${action}"`);

    // Investigation: the guide's own lines.
    const standIns = join(bench.home.path, 'bin');
    const journal = bench.home.write('journal', serve.stderr);
    writeStandIns(standIns, { address: 'localhost:9091', log, journal });
    expect(await runLine(guideCommands.authInLog, standIns)).toBe('');
    expect(await runLine('grep "locked down" /var/log/mcp/router.log', standIns)).toContain('"by":"command"');

    // The facts, for who looks into it.
    const file = join(bench.home.path, 'incident.json');
    const exported = await withConfig('incident', 'export', '--output', file);
    expect(exported).toMatchObject({ code: 1, out: containing('records of the audit log') });
    expect(exported.out).toContain('Not in it: the status of a running router');

    // Remediation: what is to be mended, then it goes on, with the new token.
    const doctor = await withConfig('doctor', '--json');
    expect([0, 1, 2]).toContain(doctor.code);
    expect(doctor.out).toContain('"id": "rotation"');
    expect((await withConfig('lockdown', 'release', '--yes')).code).toBe(0);
    await bench.gateway.until('connected again', ({ connections }) => connections.length > 0, LIMIT_MS);
    const after = bench.run([], session.env);
    after.send(ask(3));
    expect(await after.reply(3, LIMIT_MS)).toHaveProperty('result');
    expect(bench.gateway.recording.upgrades.at(-1)?.headers['authorization']).toBe(`Bearer ${FRESH}`);
    expect((await withConfig('audit', 'verify')).code).toBe(0);
  });

  it('SEC-60 is exported without a secret, wherever it stands, into a new file of its user alone', async () => {
    await command(['token', 'set', 'gateway'], STOLEN);
    const encoded = Buffer.from(STOLEN).toString('base64');
    const metrics = bench.home.write('metrics-token', METRICS);
    // A log that another program, or a version with a mistake, wrote them into.
    const lines = [
      `{"msg":"sent ${STOLEN} and ${encoded} to ann@example.com at 203.0.113.7"}`,
      `{"msg":"metrics asked with ${METRICS}","header":"Bearer abcdefghijklmnopqrstuvwxyz0123456789"}`,
    ];
    bench.home.write('log/router.log', `${lines.join('\n')}\n`);
    const text = readFileSync(config, 'utf8');
    config = bench.home.write('more.yaml', `${text}metrics: { token_file: ${metrics} }\n`);
    const file = join(bench.home.path, 'out.json');
    const exported = await withConfig('incident', 'export', '-o', file, '-n', '50');
    expect(exported.code).toBe(1);
    expect(exported.out).toContain('Read it before you share it');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const bundle = readFileSync(file, 'utf8');
    for (const secret of [
      STOLEN,
      encoded,
      METRICS,
      'abcdefghijklmnopqrstuvwxyz0123456789',
      'ann@example.com',
      '203.0.113.7',
    ])
      expect(bundle).not.toContain(secret);
    const document: unknown = JSON.parse(bundle);
    expect(document).toMatchObject({
      format: 'mcp-router-incident/1',
      lockdown: 'not locked down',
      versions: { node: process.versions.node },
      posture: { kind: 'evaluated' },
      config: { path: config },
      log: [containing('sent'), containing('metrics asked with')],
    });
    const again = await withConfig('incident', 'export', '-o', file);
    expect(again).toMatchObject({ code: 2, err: containing('there is such a file already') });
    expect(readFileSync(file, 'utf8')).toBe(bundle);
  });

  it('has the status of the router that runs, where it answers on this machine', async () => {
    await command(['token', 'set', 'gateway'], STOLEN);
    const text = readFileSync(config, 'utf8');
    const port = 20_000 + (process.pid % 20_000);
    config = bench.home.write('status.yaml', `${text}metrics: { endpoint: "localhost:${String(port)}" }\n`);
    const router = bench.run(['serve', '--config', config], { ...session.env, MCP_METRICS_ENABLED: 'true' });
    await bench.gateway.until('connected', ({ connections }) => connections.length === 1, LIMIT_MS);
    await router.until(
      'the log',
      () => readFileSync(log, 'utf8').includes('serving metrics') || router.stderr !== '',
      LIMIT_MS,
    );
    const file = join(bench.home.path, 'status.json');
    const exported = bench.run(['incident', 'export', '-o', file, '-c', config], {
      ...session.env,
      MCP_METRICS_ENABLED: 'true',
    });
    expect(await exported.end()).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      status: { gateway: { state: 'connected' } },
    });
  });
});
