import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { takeScreenshot } from '../support/screenshot';
import { storedSecret } from '../support/stored-secret';

/** Each canary is another one. */
const stored = canary('token-keychain');
const inline = canary('token-file');

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({
    auth: { kind: 'tokens', tokens: [stored, inline] },
  });
  desk = await setUpDesk('unlocked');
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const configPath = (): string => join(desk.session.home, '.config/claude-cli/mcp-router.yaml');

async function configure(auth: string): Promise<void> {
  await mkdir(join(desk.session.home, '.config/claude-cli'), { recursive: true, mode: 0o700 });
  const text = `# of the earlier router\ngateway:\n  url: ${gateway.url}\n  auth:\n${auth}`;
  await writeFile(configPath(), text, { mode: 0o600 });
}

/** As the Go router stores a token on Linux. */
async function storeAsGoRouter(name: string, token: string): Promise<void> {
  const attributes = ['service', 'mcp-router-mcp-router', 'account', name];
  const child = spawn('secret-tool', ['store', `--label=MCP Router Token (${name})`, ...attributes], {
    env: { ...process.env, ...desk.session.environment },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(token);
  expect(await once(child, 'exit')).toEqual([0, null]);
}

describe('SEC-119 what an earlier router left', () => {
  it('in the keychain is found by the name of the configuration, and taken over', async () => {
    const token = stored;
    await configure('    type: bearer\n    token_secure_key: gateway\n');
    await storeAsGoRouter('gateway', token);
    // In a session of later: the keyring is one that was loaded, as a person's is.
    const { home } = desk.session;
    await desk.close();
    desk = await setUpDesk('unlocked', home);
    const { window } = await desk.start();
    await window.waitForState('Not connected');
    await window.page.getByRole('heading', { name: 'The earlier router left something' }).waitFor();
    await takeScreenshot(window.page, 'overview-earlier-router-light');
    await window.press('Take over');
    await window.waitForState('Connected');
    expect(await storedSecret('gateway', desk.session.environment)).toBe(token);
    expect(await window.page.content()).not.toContain(token);
  });

  it('in the file in clear text is moved into the keychain, and the comment stays', async () => {
    const token = inline;
    await configure(`    type: bearer\n    token: ${JSON.stringify(token)}\n`);
    const { window } = await desk.start();
    await window.press('Move it');
    await window.waitForState('Connected');
    expect(await storedSecret('gateway-token', desk.session.environment)).toBe(token);
    const text = await readFile(configPath(), 'utf8');
    expect(text).toContain('# of the earlier router');
    expect(text).toContain('token_secure_key: gateway-token');
    expect(text).not.toContain(token);
  });
});
