import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectableCopy } from '../../scripts/inspectable-copy.mjs';
import { openAuditPage } from '../support/audit-window';
import { canary } from '../support/canary/canary';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { FunctionReply } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { storedSecret } from '../support/stored-secret';
import {
  changeClientLimit,
  enterRightToken,
  enterWrongToken,
  proveAuditLog,
  quitUnderLoad,
  switchAuditOn,
} from '../support/walk-steps';

const TOKEN = canary('token-window');
const open = new Map<string, FunctionReply>();

let folder: string;
let gateway: Gateway;
let desk: Desk;
let running: RunningApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walk-'));
  const executablePath = await inspectableCopy(join(folder, 'app'));
  gateway = await startGateway({
    auth: { kind: 'tokens', tokens: [TOKEN] },
    backend: {
      kind: 'function',
      handle: ({ method }, reply) => {
        if (method === 'initialize') reply.result({ protocolVersion: '2025-06-18', capabilities: {} });
        else open.set(method, reply);
      },
    },
  });
  desk = await setUpDesk('unlocked', undefined, { executablePath });
  await mkdir(join(configPath(), '..'), { recursive: true, mode: 0o700 });
  const lines = [
    '# handed out by the administrator',
    `gateway: { url: ${gateway.url} }`,
    'local:',
    `  socket: { enabled: true, path: ${socketPath()} }`,
    '  max_sessions: 5 # for now',
  ];
  await writeFile(configPath(), `${lines.join('\n')}\n`, { mode: 0o600 });
  running = await desk.start();
});

afterAll(async () => {
  await desk.close();
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

const configPath = (): string => join(desk.session.home, '.config/claude-cli/mcp-router.yaml');
const socketPath = (): string => join(desk.session.environment['XDG_RUNTIME_DIR'] ?? '', 'router.sock');

/** One walk: each step goes on where the one before it ended, with the steps of the tests of the sources. */
describe('the packed app, in a copy that differs in the inspection fuse alone', () => {
  it('is the packed one', async () => {
    expect(await running.app.evaluate(({ app }) => [app.isPackaged, app.getAppPath()])).toEqual([
      true,
      join(folder, 'app', 'resources', 'app.asar'),
    ]);
  });

  it('says that a token is wrong, and connects with the right one, which is in the keyring then', async () => {
    await enterWrongToken(running.window, { url: gateway.url, token: canary('token-wrong') });
    await enterRightToken(running.window, TOKEN);
    expect(await storedSecret('gateway-token', desk.session.environment)).toBe(TOKEN);
    expect(gateway.connections).toHaveLength(1);
  });

  it('changes a setting, and keeps every comment of the file', async () => {
    await running.window.open('Settings');
    await changeClientLimit(running.window, '12');
    const text = readFileSync(configPath(), 'utf8');
    expect(text).toContain('max_sessions: 12 # for now');
    expect(text).toContain('# handed out by the administrator');
    expect(text).not.toContain(TOKEN);
  });

  it('switches the audit log on and proves it', async () => {
    const audit = await openAuditPage(running);
    await audit.page.getByText('The audit log is off').waitFor();
    await switchAuditOn(audit, configPath());
    await audit.option('Sealing of the log').waitFor();
    await proveAuditLog(audit);
  });

  it('quits under load: what a client is owed still comes', async () => {
    await running.window.waitForState('Connected');
    expect(running.console).toEqual([]);
    await quitUnderLoad(running, { desk, socketPath: socketPath(), open });
    await gateway.until('the router is gone', ({ connections }) => connections.length === 0);
    expect(existsSync(socketPath())).toBe(false);
  });
});
