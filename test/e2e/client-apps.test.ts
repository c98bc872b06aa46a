import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookInBothThemes } from '../support/both-themes';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';

const CURSOR = `// mine
{
  "mcpServers": {
    /* kept */ "files": { "command": "npx", "args": ["-y", "files"], "env": { "KEY": "not-ours" } },
  },
  "other": 1e3
}
`;
const CLAUDE = '{"mcpServers":{}}';
const BROKEN = '{\n  "servers": {\n    "a": { "command": "x" }\n    "b": {}\n  }\n}\n';

let desk: Desk;
let gateway: Gateway;
let running: RunningApp;

beforeEach(async () => {
  gateway = await startGateway({});
  desk = await setUpDesk('unlocked');
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const inHome = (path: string): string => join(desk.session.home, path);

async function write(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(inHome(path)), { recursive: true, mode: 0o700 });
  await writeFile(inHome(path), text, { mode });
}

async function openClients(settings = ''): Promise<void> {
  await write(
    '.config/claude-cli/mcp-router.yaml',
    `gateway:\n  url: ${gateway.url}\n  auth: { type: none }\n${settings}`,
  );
  running = await desk.start();
  await running.window.waitForState('Connected');
  await running.window.open('Clients');
  await running.window.page.getByText('Looking for MCP clients...').waitFor({ state: 'hidden' });
}

const button = (name: string): Locator => running.window.page.getByRole('button', { name, exact: true });
const dialog = (): Locator => running.window.page.getByRole('dialog');
const inDialog = (name: string): Locator => dialog().getByRole('button', { name, exact: true });

describe('SEC-110 a client is connected as it was previewed', () => {
  it('with the keyboard alone, and undone byte for byte, with its mode', async () => {
    await write('.cursor/mcp.json', CURSOR, 0o640);
    await openClients();
    const { page } = running.window;
    await button('Connect Cursor').focus();
    await page.keyboard.press('Enter');
    await dialog().getByText('+ ', { exact: false }).first().waitFor();
    const shown = (await dialog().textContent()) ?? '';
    expect(shown).toContain(inHome('.cursor/mcp.json'));
    expect(shown).not.toContain('not-ours');
    await lookInBothThemes(page, 'clients-preview');
    expect(await readFile(inHome('.cursor/mcp.json'), 'utf8')).toBe(CURSOR);
    await inDialog('Connect').focus();
    await page.keyboard.press('Enter');
    await dialog().getByText('Cursor is connected.', { exact: false }).waitFor();
    await lookInBothThemes(page, 'clients-connected');

    const written = await readFile(inHome('.cursor/mcp.json'), 'utf8');
    for (const kept of ['// mine', '/* kept */', '"not-ours"', '1e3']) expect(written).toContain(kept);
    const script = resolve('out/cli/mcp-router.js');
    const [, command = ''] = /"command": "([^"]*node[^"]*)"/.exec(written) ?? [];
    expect(written).toContain(script);
    expect((await stat(command)).mode & 0o111).not.toBe(0);

    await inDialog('Undo...').click();
    await inDialog('Undo the change').click();
    await dialog().getByText('Cursor is as before.').waitFor();
    await inDialog('Close').last().click();
    expect(await readFile(inHome('.cursor/mcp.json'), 'utf8')).toBe(CURSOR);
    expect((await stat(inHome('.cursor/mcp.json'))).mode & 0o777).toBe(0o640);
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('client-app-cursor');
  });

  it('and not on a file that changed meanwhile: that gives another preview', async () => {
    await write('.cursor/mcp.json', CURSOR);
    await openClients();
    await button('Connect Cursor').click();
    await inDialog('Connect').waitFor();
    const changed = CURSOR.replace('1e3', '2e3');
    await write('.cursor/mcp.json', changed);
    await inDialog('Connect').click();
    await dialog().getByText('The file was changed meanwhile', { exact: false }).waitFor();
    expect(await readFile(inHome('.cursor/mcp.json'), 'utf8')).toBe(changed);
    await inDialog('Connect').click();
    await dialog().getByText('Cursor is connected.', { exact: false }).waitFor();
    expect(await readFile(inHome('.cursor/mcp.json'), 'utf8')).toContain('2e3');
  });
});

describe('the page of the clients', () => {
  it('waits for Claude Desktop to be closed, leaves a broken file alone, and notices what a client lost', async () => {
    await write('.config/Claude/claude_desktop_config.json', CLAUDE);
    await write('.config/Code/User/mcp.json', BROKEN);
    await write('.codeium/windsurf/mcp_config.json', '{"mcpServers":{"gateway":{"command":"other"}}}');
    await write('.gemini/settings.json', '{}');
    // Linux tells a program by the name that it was started with.
    const claude = spawn('/bin/sleep', ['300'], { argv0: '/usr/lib/claude-desktop/claude-desktop' });
    try {
      await openClients();
      const { page } = running.window;
      await page.getByText('line 4', { exact: false }).waitFor();
      await button('Connect Claude Desktop').click();
      await dialog().getByText('Claude Desktop is running', { exact: false }).waitFor();
      await lookInBothThemes(page, 'clients-running');
      expect(await inDialog('Connect').count()).toBe(0);
      claude.kill();
      await once(claude, 'exit');
      await inDialog('Try again').click();
      await inDialog('Connect').click();
      await dialog().getByText('Claude Desktop is connected.', { exact: false }).waitFor();
      await inDialog('Close').last().click();

      await write('.config/Claude/claude_desktop_config.json', CLAUDE);
      await button('Look again').click();
      await page.getByText('The client lost our entry “gateway”.', { exact: false }).waitFor();
      await lookInBothThemes(page, 'clients-drifted');
      await running.app.evaluate(({ BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(480, 720);
      });
      await lookInBothThemes(page, 'clients-narrow');
      const isWide: unknown = await page.evaluate(
        'document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth',
      );
      expect(isWide).toBe(false);
      await button('Repair Claude Desktop').click();
      await inDialog('Repair').click();
      await dialog().getByText('Claude Desktop is connected.', { exact: false }).waitFor();
      expect(await readFile(inHome('.config/Code/User/mcp.json'), 'utf8')).toBe(BROKEN);
      expect(running.console).toEqual([]);
    } finally {
      claude.kill();
    }
  });

  it('makes a token that is shown once and copied, and opens nothing after it was revoked', async () => {
    await openClients('local: { http: { enabled: true, address: "127.0.0.1:19642" } }\n');
    const { page } = running.window;
    await page.getByLabel('Name of the program').fill('Notebook');
    await button('Make a token').click();
    const value = await page.getByLabel('Token of Notebook', { exact: true }).inputValue();
    await button('Copy').click();
    await page.getByText('Copied', { exact: true }).waitFor();
    expect(await running.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(value);
    await lookInBothThemes(page, 'clients-token');
    const ask = async (): Promise<number> => {
      const headers = {
        authorization: `Bearer ${value}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      };
      const params = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'Notebook', version: '1' },
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
      return (await fetch('http://127.0.0.1:19642/mcp', { method: 'POST', headers, body })).status;
    };
    await expect.poll(ask).toBe(200);
    await button('I have it').click();
    expect(await page.content()).not.toContain(value);
    await button('Revoke the token of Notebook').click();
    await button('Revoke now').click();
    await page.getByText('No program has a token yet.').waitFor();
    await expect.poll(ask).toBe(401);
    const files = await readdir(inHome('.'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain(value);
    }
    expect(running.console).toEqual([]);
  });
});
