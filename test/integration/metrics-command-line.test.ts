import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ChangeSignal } from '../support/change-signal';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { guideCommands } from '../support/guide-commands';
import { programPath, runLine, writeStandIns } from '../support/guide-machine';
import { rawRequest } from '../support/raw-http';
import { RouterProcess, TemporaryHome } from '../support/router-process';

const TOKEN = 'gateway-token-0123456789';
const METRICS_TOKEN = 'metrics-token-0123456789';
const ON = { MCP_METRICS_ENABLED: 'true' };

let home: TemporaryHome;
let gateway: Gateway;
const running: RouterProcess[] = [];

beforeEach(async () => {
  home = new TemporaryHome();
  gateway = await startGateway({ auth: { kind: 'tokens', tokens: [TOKEN] }, backend: echoBackend() });
});
afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    child.kill('SIGTERM');
    await exited;
  }
  await gateway.stop();
  home.remove();
});

const configText = (more: string): string => `gateway:
  url: ${gateway.url}
  auth: { type: bearer, token_file: ${home.path}/token }
  connection: { reconnect: { initial_delay_ms: 50, max_delay_ms: 100 } }
${more}`;

function serve(more: string): RouterProcess {
  const config = home.write('router.yaml', configText(more));
  const router = new RouterProcess(home, { args: ['serve', '--config', config], env: ON });
  running.push(router);
  return router;
}

/** Puts the token in place the way the README says. */
function putToken(token: string): void {
  renameSync(home.write('token.new', token), join(home.path, 'token'));
}

const portIn = (log: string): number =>
  Number(/"serving metrics".*"address":"127\.0\.0\.1:(\d+)"/.exec(log)?.[1] ?? 0);

/** Sends requests over the local socket until so many were answered. */
async function ask(path: string, count: number): Promise<readonly string[]> {
  const changes = new ChangeSignal();
  let text = '';
  const socket = createConnection(path);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    changes.changed();
  });
  await once(socket, 'connect');
  for (let id = 1; id <= count; id += 1) {
    socket.write(`{"jsonrpc":"2.0","id":${String(id)},"method":"tools/list"}\n`);
  }
  await changes.until('replies', () => text.split('\n').length > count);
  socket.destroy();
  return text.trim().split('\n');
}

describe.skipIf(process.platform !== 'linux')('the commands of the guide, against mcp-router serve', () => {
  /** A wrong token, then the right one, too many requests, and a gateway that goes away. */
  async function provoke(output: string, logText: (router: RouterProcess) => string): Promise<number> {
    putToken('wrong-token-0123456789');
    const socket = `${home.path}/run/router.sock`;
    const router = serve(`logging: { output: ${output} }
metrics: { endpoint: "127.0.0.1:0" }
local:
  socket: { enabled: true, path: ${socket} }
  rate_limit: { requests_per_second: 0.001, burst: 1 }
`);
    const log = (): string => logText(router);
    await expect.poll(() => log()).toMatch(/auth failed/);
    const port = portIn(log());
    const probe = await rawRequest(port, { target: '/health' });
    expect(probe.status).toBe(503);
    expect(JSON.parse(probe.body)).toMatchObject({ gateway: { state: 'failed', cause: 'auth-failed' } });
    putToken(TOKEN);
    router.child.kill('SIGHUP');
    await expect.poll(async () => (await rawRequest(port, { target: '/health' })).status).toBe(200);
    const replies = await ask(socket, 4);
    expect(replies.filter((reply) => reply.includes('rate-limited'))).toHaveLength(3);
    await gateway.stop();
    await expect.poll(() => log()).toMatch(/connection failed/);
    return port;
  }

  it('find failures, limits and errors in metrics and log file', async () => {
    const log = join(home.path, 'logs', 'router.log');
    const textOf = (): string => {
      try {
        return readFileSync(log, 'utf8');
      } catch {
        return ''; // not there yet
      }
    };
    const port = await provoke(log, textOf);
    const standIns = join(home.path, 'bin');
    writeStandIns(standIns, { address: `localhost:${String(port)}`, log, journal: '/dev/null' });
    expect(await runLine(guideCommands.authFailures, standIns)).toMatch(
      /^mcp_router_auth_failures_total 1$/m,
    );
    expect(await runLine(guideCommands.rateLimits, standIns)).toMatch(
      /^mcp_router_rate_limit_exceeded_total\{limit="local.rate_limit"\} 3$/m,
    );
    expect(await runLine(guideCommands.connectionErrors, standIns)).toMatch(
      /^mcp_router_connection_errors_total\{kind="connection"\} [1-9]\d*$/m,
    );
    const found = await runLine(guideCommands.authInLog, standIns);
    expect(found).toMatch(/auth failed/);
    expect(found).not.toContain('wrong-token');
    if (programPath('ss') !== null) {
      expect(await runLine(guideCommands.sources, standIns)).toMatch(/^LISTEN .*127\.0\.0\.1:9091 /m);
    }
  });

  it('find rate limits in the journal', async () => {
    await provoke('stderr', ({ stderr }) => stderr);
    const journal = home.write('journal', running[0]?.stderr ?? '');
    const standIns = join(home.path, 'bin');
    writeStandIns(standIns, { address: 'localhost:1', log: '/dev/null', journal });
    const found = await runLine(guideCommands.rateLimitInJournal, standIns);
    expect(found.match(/rate limit exceeded: local\.rate_limit/g)).toHaveLength(3);
  });
});

describe('mcp-router and its metrics', () => {
  it('uses localhost:9091 unless told otherwise, and says so when it cannot', async () => {
    putToken(TOKEN);
    const router = serve('');
    await router.until('the address', () => /"address":"(localhost|127\.0\.0\.1):9091"/.test(router.stderr));
    await gateway.until('connected', ({ connections }) => connections.length === 1);
  });

  it('SEC-90 refuses to start with an open address and no token', async () => {
    putToken(TOKEN);
    const router = serve('metrics: { endpoint: "0.0.0.0:0" }\n');
    expect(await router.exited).toBe(1);
    expect(router.stderr).toContain('so it needs a token');
    const check = new RouterProcess(home, {
      args: ['config', 'check', '--config', `${home.path}/router.yaml`],
      env: ON,
    });
    expect(await check.exited).toBe(1);
    expect(check.lines.join('\n')).toContain('so it needs a token');
  });

  it('config check says that the named token is not there, and shows the settings', async () => {
    putToken(TOKEN);
    const config = home.write(
      'router.yaml',
      configText('metrics: { token_file: /nowhere/token, labels: { site: berlin } }\n'),
    );
    const check = new RouterProcess(home, { args: ['config', 'check', '--config', config], env: ON });
    expect(await check.exited).toBe(2);
    const text = check.lines.join('\n');
    expect(text).toMatch(/lacking {2}metrics.token_file: there is no file/);
    expect(text).toMatch(/metrics.labels +site=berlin/);
  });

  it('SEC-91 takes a new token at SIGHUP, keeps the address, and never logs the token', async () => {
    putToken(TOKEN);
    const token = home.write('metrics-token', METRICS_TOKEN);
    const more = `metrics: { endpoint: "127.0.0.1:0", token_file: ${token} }\n`;
    const router = serve(more);
    await router.until('the address', () => portIn(router.stderr) > 0);
    const port = portIn(router.stderr);
    const status = async (value: string): Promise<number> =>
      (await rawRequest(port, { headers: { Authorization: `Bearer ${value}` } })).status;
    expect(await status(METRICS_TOKEN)).toBe(200);
    home.write('metrics-token', `${METRICS_TOKEN}-next`);
    router.child.kill('SIGHUP');
    await expect.poll(() => status(`${METRICS_TOKEN}-next`)).toBe(200);
    expect(await status(METRICS_TOKEN)).toBe(401);
    expect(router.stderr).not.toContain(METRICS_TOKEN);
  });

  it('takes a token file that has changed by itself, and leaves the gateway alone', async () => {
    putToken(TOKEN);
    const token = home.write('metrics-token', METRICS_TOKEN);
    const router = serve(`metrics: { endpoint: "127.0.0.1:0", token_file: ${token} }\n`);
    await router.until('the address', () => portIn(router.stderr) > 0);
    await gateway.until('connected', ({ connections }) => connections.length === 1);
    const port = portIn(router.stderr);
    const status = async (value: string): Promise<number> =>
      (await rawRequest(port, { headers: { Authorization: `Bearer ${value}` } })).status;
    home.write('metrics-token', `${METRICS_TOKEN}-next`);
    await expect.poll(() => status(`${METRICS_TOKEN}-next`)).toBe(200);
    expect(await status(METRICS_TOKEN)).toBe(401);
    expect(router.stderr.match(/"connection connected"/g)).toHaveLength(1);
    expect(router.stderr).not.toContain('credential changed');
  });

  it('has the same address again after a restart', async () => {
    putToken(TOKEN);
    const first = serve('metrics: { endpoint: "127.0.0.1:0" }\n');
    await first.until('the address', () => portIn(first.stderr) > 0);
    const port = portIn(first.stderr);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = serve(`metrics: { endpoint: "127.0.0.1:${String(port)}" }\n`);
    await second.until('the address', () => portIn(second.stderr) === port);
    await expect.poll(async () => (await rawRequest(port, { target: '/health' })).status).toBe(200);
  });
});
