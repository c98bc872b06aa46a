import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AuditHome } from '../support/audit-home';
import { checkedLines } from '../support/audit-bench';
import { deferred } from '../support/deferred';
import { keyring, onSessionBus } from '../support/keyring-session';
import { pseudoRandom } from '../support/pseudo-random';
import { emptyEnvironment } from '../support/router-process';

let at: AuditHome;
beforeEach(async () => {
  at = await AuditHome.start();
});
afterEach(() => at.stop());

const call = (id: number | string, tool = 'read'): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: tool, arguments: { text: 'a body that belongs in no log' } },
});
const initialize = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'Audited client', version: '1' },
  },
};
const noKey = { kind: 'none', reason: '' } as const;
const wholeLines = (name?: string): readonly string[] => at.text(name).split('\n').slice(0, -1);

describe('SEC-88 what the audit log holds', () => {
  it('is who came, what was asked, refused and cancelled, and never a body', async () => {
    const path = at.config({ include_requests: true }, { local: { policy: { deny_tools: ['delete_*'] } } });
    const router = at.bridge(path);
    router.send(initialize);
    await router.reply('init');
    router.send(call(1));
    await router.reply(1);
    router.send(call('two', 'delete_all'));
    await router.reply('two');
    const held = deferred();
    at.gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    router.send(call(3, 'slow'));
    await at.gateway.until('sent', ({ recording }) => recording.requests('tools/call').length === 2);
    router.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } });
    held.resolve();
    router.send(call(4));
    await router.reply(4);
    await router.end();
    const actor = { kind: 'client', claimedName: 'Audited client' };
    const request = { action: 'request', actor };
    expect(at.records()).toEqual(
      expect.arrayContaining(
        [
          { action: 'session-opened', facts: { door: 'stdio' } },
          { action: 'session-named', actor },
          { action: 'connection-opened', actor: { kind: 'client' } },
          { ...request, outcome: 'ok', facts: { id: '1', method: 'tools/call', tool: 'read' } },
          {
            ...request,
            outcome: 'refused',
            code: 'policy-denied',
            facts: { id: '"two"', tool: 'delete_all' },
          },
          { action: 'policy', outcome: 'refused', facts: { rule: 'local.policy.deny_tools' } },
          { ...request, outcome: 'failed', code: 'cancelled', facts: { id: '3', tool: 'slow' } },
          { action: 'session-closed', actor },
          { action: 'router-stopped' },
        ].map((record): unknown => containing(record)),
      ),
    );
    expect(at.text()).not.toContain('a body that belongs');
    expect(at.records().at(-1)?.action).toBe('audit-closed');
    expect(statSync(at.log).mode & 0o777).toBe(0o600);
    expect(statSync(at.folder).mode & 0o777).toBe(0o700);
  });

  it('leaves requests out unless include_requests asks for them, and follows a reload to another output', async () => {
    const path = at.config();
    const router = at.bridge(path);
    router.send(call(1));
    await router.reply(1);
    const other = join(at.folder, 'other.log');
    at.config({ include_requests: true, output: other });
    router.child.kill('SIGHUP');
    await router.until('the reload', () => router.stderr.includes('configuration applied'));
    await expect.poll(() => existsSync(other)).toBe(true);
    router.send(call(2));
    await router.reply(2);
    await router.end();
    const requests = (name: string): number =>
      at.records(name).filter(({ action }) => action === 'request').length;
    expect([requests('audit.log'), requests('other.log')]).toEqual([0, 1]);
    expect(at.records().at(-1)?.action).toBe('audit-closed');
    for (const name of ['audit.log', 'other.log'])
      expect(checkedLines(wholeLines(name), null, noKey)).toMatchObject({ problem: null, remarks: [] });
  });

  it('names which credential was used for which connection, and never its value', async () => {
    const secret = 'audited-token-0123456789';
    const token = at.home.write('token', secret);
    const gateway = { url: at.gateway.url, auth: { type: 'bearer', token_file: token } };
    const router = at.bridge(at.config({ include_requests: true }, { gateway }));
    router.send(call(1, secret));
    await router.reply(1);
    await router.end();
    expect(at.records()).toContainEqual(
      containing({ action: 'credential-used', facts: { source: 'file', credential: token } }),
    );
    expect(at.text()).not.toContain(secret);
  });
});

/** Matches when everything in it is there, at every depth. */
function containing(part: object): unknown {
  const entries = Object.entries(part).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'object' && value !== null ? containing(value) : value,
  ]);
  return expect.objectContaining(Object.fromEntries(entries));
}

describe('SEC-86 the audit log of processes that die', () => {
  it('is whole after each of 20 kills at random moments, and goes on in the same chain', async () => {
    const path = at.config({ include_requests: true });
    const random = pseudoRandom(20_260_112);
    let last = 0;
    for (let round = 0; round < 20; round += 1) {
      const router = at.bridge(path);
      router.send(initialize);
      await router.reply('init', 20_000);
      const stop = setInterval(() => {
        for (let burst = 0; burst < 20; burst += 1) router.send(call(`${String(burst)}-${String(random())}`));
      }, 1);
      await new Promise((resolve) => {
        setTimeout(resolve, random() * 120);
      });
      router.child.kill('SIGKILL');
      clearInterval(stop);
      await router.exited;
      const report = checkedLines(wholeLines(), null, noKey);
      expect(report, `round ${String(round)}`).toMatchObject({ problem: null });
      expect(report.to).toBeGreaterThan(last);
      expect(report.remarks).toHaveLength(round);
      last = report.to;
    }
    expect(at.files).toEqual(['audit.log']);
    expect(new Set(wholeLines().map((line) => /"chain":"(\w+)"/.exec(line)?.[1])).size).toBe(1);
    const { code, stdout } = await at.command('audit', 'verify', '--file', at.log);
    expect(stdout).toContain(`whole to #${String(last)}`);
    expect(code).toBe(3);
  }, 180_000);

  it('loses a line that was torn, and says so', async () => {
    const path = at.config();
    const first = at.bridge(path);
    await first.end();
    const { length } = wholeLines();
    truncateSync(at.log, statSync(at.log).size - 10);
    const second = at.bridge(path);
    await second.end();
    expect(at.records()[length - 1]).toMatchObject({ action: 'audit-gap', facts: { reason: 'torn' } });
    expect(checkedLines(wholeLines(), null, noKey)).toMatchObject({ problem: null });
  });
});

describe('SEC-85 the audit log of several processes', () => {
  it('has a chain for each, and is read as one', async () => {
    const path = at.config({ include_requests: true });
    const routers = [at.bridge(path), at.bridge(path), at.bridge(path)];
    await Promise.all(
      routers.map(async (router, which) => {
        for (let id = 0; id < 50; id += 1) router.send(call(`${String(which)}-${String(id)}`));
        await Promise.all(
          Array.from({ length: 50 }, (_, id) => router.reply(`${String(which)}-${String(id)}`)),
        );
      }),
    );
    await Promise.all(routers.map((router) => router.end()));
    expect([...at.files].sort()).toEqual(['audit-2.log', 'audit-3.log', 'audit.log']);
    for (const name of at.files)
      expect(checkedLines(wholeLines(name), null, noKey)).toMatchObject({ problem: null, remarks: [] });
    const { stdout } = await at.command('audit', 'export', '--format', 'jsonl', '--file', at.log);
    for (const name of at.files) {
      const own = new Set(wholeLines(name));
      expect(stdout.split('\n').filter((line) => own.has(line))).toEqual([...own]);
    }
    expect(stdout.split('\n').filter((line) => line.includes('"action":"request"'))).toHaveLength(150);
    // The slots are free again.
    await at.bridge(path).end();
    expect(at.files).toHaveLength(3);
  });

  it('goes over several files, in each of which a change is found and named', async () => {
    const path = at.config({ include_requests: true, max_file_bytes: 4096 });
    const router = at.bridge(path);
    for (let id = 0; id < 200; id += 1) router.send(call(id));
    await router.reply(199);
    await router.end();
    expect(at.files.length).toBeGreaterThan(3);
    const verify = (): ReturnType<AuditHome['command']> =>
      at.command('audit', 'verify', '--file', at.log, '--json');
    expect(await verify()).toMatchObject({ code: 3 });
    const file = join(at.folder, 'audit.log.2');
    const before = readFileSync(file, 'utf8');
    const [, second = ''] = before.split('\n');
    const seq = /"seq":(\d+)/.exec(second)?.[1] ?? '';
    writeFileSync(file, before.replace(second, second.replace('"time":"2', '"time":"1')));
    const { code, stdout } = await verify();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      chains: [
        {
          problem: { kind: 'changed', record: Number(seq) },
          badLine: { file, line: 2 },
          to: Number(seq) - 1,
        },
      ],
    });
  });
});

describe.skipIf(process.platform !== 'linux')('SEC-87 a disk that is full', () => {
  /** A bridge whose files may not grow beyond 8 KiB, until the limit is lifted from outside. */
  function limited(config: string): ReturnType<typeof spawn> {
    const line = `trap '' XFSZ; ulimit -S -f 16; exec ${process.execPath} out/cli/mcp-router.js --config ${config}`;
    return spawn('sh', ['-c', line], {
      env: emptyEnvironment(at.home.path),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  it.each([
    ['stops requests with audit_all, and they go on when there is room again', true],
    ['lets requests pass without audit_all, and what waited is written when there is room again', false],
  ])('%s', async (_what, isDemanded) => {
    const path = at.config(
      { include_requests: true },
      { advanced: { compliance: { audit_all: isDemanded } } },
    );
    const child = limited(path);
    const said = { out: '', err: '' };
    child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    let id = 0;
    const ask = async (): Promise<string> => {
      id += 1;
      const mine = new RegExp(`"id":${String(id)}[,}]`);
      child.stdin?.write(`${JSON.stringify(call(id))}\n`);
      await expect.poll(() => mine.test(said.out), { interval: 2 }).toBe(true);
      return said.out.split('\n').find((line) => mine.test(line)) ?? '';
    };
    while (!said.err.includes('audit log cannot be written')) await ask();
    expect(said.err).toContain('EFBIG');
    expect(checkedLines(wholeLines(), null, noKey)).toMatchObject({ problem: null });
    expect(statSync(at.log).size).toBeLessThanOrEqual(8192);
    const answer = await ask();
    if (isDemanded) expect(answer).toContain('audit-unavailable');
    else expect(answer).toContain('"result"');
    const before = at.gateway.recording.requests('tools/call').length;
    await ask();
    expect(at.gateway.recording.requests('tools/call').length - before).toBe(isDemanded ? 0 : 1);
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
    await expect.poll(() => said.err.includes('audit log can be written again')).toBe(true);
    expect(await ask()).toContain('"result"');
    child.stdin?.end();
    await once(child, 'exit');
    expect(checkedLines(wholeLines(), null, noKey)).toMatchObject({ problem: null });
    const requests = at.records().filter(({ action }) => action === 'request');
    expect(requests).toHaveLength(id);
    expect(at.records()).toContainEqual(containing({ action: 'audit-writable-again' }));
  });
});

describe.skipIf(process.platform !== 'linux')('SEC-85 the key in the keychain', () => {
  it('proves that nothing was cut off, and the commands of people are recorded', async () => {
    const cli = `${process.execPath} out/cli/mcp-router.js`;
    const path = at.config();
    const verify = `${cli} audit verify --config ${path}; echo "code $?";`;
    const line = [
      keyring.unlocked,
      `export MCP_ROUTER_CONFIG=${path};`,
      `printf first-token | ${cli} token set gateway;`,
      `printf second-token | ${cli} token set gateway;`,
      `${cli} token list;`,
      verify,
      `cp ${at.log} ${at.log}.copy; sed -i '$d' ${at.log};`,
      verify,
      `${cli} token delete gateway;`,
      verify,
      `cat ${at.log}.copy > ${at.log};`,
    ].join(' ');
    const [program, ...args] = onSessionBus(at.home.path, line);
    const child = spawn(program, args, {
      env: emptyEnvironment(at.home.path),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await once(child, 'exit');
    const [first = '', second = '', third = ''] = out
      .split(/code (?=\d)/)
      .map((part, index, parts) => `${part}code ${parts[index + 1]?.[0] ?? ''}`);
    expect(first).toMatch(/complete to #5, sealed .*code 0/s);
    expect(first).not.toContain('audit-anchor-key');
    expect(second).toMatch(/NOT IN ORDER.*record #5 is missing.*code 1/s);
    // The next process cannot mend it: it records what was found.
    expect(third).toMatch(/record #5 says: records up to #5 had been written.*code 1/s);
    const stored = { action: 'credential-stored', outcome: 'ok', facts: { credential: 'gateway' } };
    expect(at.records()).toContainEqual(containing({ ...stored, actor: { kind: 'command' } }));
    expect(at.text()).not.toMatch(/first-token|second-token/);
  });
});
