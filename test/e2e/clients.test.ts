import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { inspector, modernSdkClient, sdkClient } from '../support/real-clients';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
  desk = await setUpDesk('unlocked');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = `gateway:\n  url: ${gateway.url}\n  auth: { type: none }\n`;
  await writeFile(join(folder, 'mcp-router.yaml'), text, { mode: 0o600 });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

/** What clients give the programs that they start, and the folder of the login. */
const environment = (): Record<string, string> => {
  const { home, environment: own } = desk.session;
  const path = process.env['PATH'] ?? '';
  return { PATH: path, HOME: home, XDG_RUNTIME_DIR: own['XDG_RUNTIME_DIR'] ?? '' };
};

it('three real clients through the running app: seen, served across its restart, and blocked alone', async () => {
  const first = await desk.start();
  await first.window.waitForState('Connected');
  const env = environment();
  const [sdk, modern] = await Promise.all([sdkClient(env), modernSdkClient(env)]);
  const cli = inspector(env);
  const echo = async (client: typeof sdk, message: string): Promise<void> => {
    expect(await client.echo(message)).toEqual([{ type: 'text', text: `Echo: ${message}` }]);
  };
  await Promise.all([echo(sdk, 'a'), echo(modern, 'b'), echo(cli, 'c')]);
  await first.window.open('Clients');
  const { page } = first.window;
  for (const { name } of [sdk, modern]) await page.getByText(name, { exact: true }).waitFor();

  await first.app.close();
  const waiting = Promise.all([echo(sdk, 'd'), echo(modern, 'e')]);
  const second = await desk.start();
  await waiting;
  await second.window.open('Clients');
  await second.window.press('Block sdk-v2');
  await second.window.page.getByRole('button', { name: 'Unblock sdk-v2' }).waitFor();
  await expect(modern.echo('f')).rejects.toThrow();
  await expect(modernSdkClient(env)).rejects.toThrow();
  await Promise.all([echo(sdk, 'g'), echo(cli, 'h')]);
  await second.window.press('Unblock sdk-v2');
  await expect.poll(() => second.window.page.getByRole('button', { name: 'Unblock sdk-v2' }).count()).toBe(0);
  const again = await modernSdkClient(env);
  await echo(again, 'i');
  await Promise.all([sdk.close(), again.close()]);
});
