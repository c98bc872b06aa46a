import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { desktopClients } from '../../src/main/compose/desktop-clients';
import { checkPayload } from '../../src/main/ipc/payloads/index';
import type { ClientChangePreview } from '../../src/shared/ipc/client-app-calls';
import { ClientBench } from '../support/client-bench';

const FILE = '.cursor/mcp.json';
const TEXT = '{ "mcpServers": { } }\n';

let bench: ClientBench;
let page: ReturnType<typeof desktopClients>;

beforeEach(async () => {
  bench = new ClientBench(await mkdtemp(join(tmpdir(), 'clients-')));
  await bench.write('router.js', '');
  await bench.write(FILE, TEXT);
  const nothing = (): Promise<never> => Promise.reject(new Error('not asked here'));
  const machine = {
    clientTokens: { add: nothing, list: nothing, revoke: nothing, follow: nothing },
    loadConfig: nothing,
  };
  page = desktopClients({ clients: bench.clients, machine });
});

afterEach(() => rm(bench.home, { recursive: true, force: true }));

const ticketOf = (preview: ClientChangePreview): string => {
  if (preview.kind !== 'planned') throw new Error(preview.message);
  return preview.ticket;
};
const connect = { action: 'connect', id: 'cursor' } as const;

describe('SEC-110 the window changes the file of a client', () => {
  it('only as it was previewed, and once', async () => {
    const ticket = ticketOf(await page['client-apps.preview'](connect));
    expect(await bench.read(FILE)).toBe(TEXT);
    expect(await page['client-apps.apply']({ ticket })).toMatchObject({ kind: 'done' });
    const written = await bench.read(FILE);
    expect(await page['client-apps.apply']({ ticket })).toMatchObject({ kind: 'refused' });
    expect(await bench.read(FILE)).toBe(written);
  });

  it('never without a preview, and not as an earlier one had it', async () => {
    const earlier = ticketOf(await page['client-apps.preview'](connect));
    const ticket = ticketOf(await page['client-apps.preview']({ ...connect, name: 'other' }));
    for (const wrong of [earlier, '7f1c7c4e-5d0e-4c55-9d6f-0f0c4f6b8f10']) {
      expect(await page['client-apps.apply']({ ticket: wrong })).toMatchObject({ kind: 'refused' });
    }
    expect(await bench.read(FILE)).toBe(TEXT);
    await page['client-apps.apply']({ ticket });
    expect(await bench.read(FILE)).toContain('"other"');
  });

  it('not when the file became another one; what it would be now has to be confirmed anew', async () => {
    const ticket = ticketOf(await page['client-apps.preview'](connect));
    const changed = '{ "mcpServers": { "mine": { "command": "x" } } }\n';
    await bench.write(FILE, changed);
    const result = await page['client-apps.apply']({ ticket });
    if (result.kind !== 'stale') throw new Error(`it was ${result.kind}`);
    expect(await bench.read(FILE)).toBe(changed);
    expect(await page['client-apps.apply']({ ticket: ticketOf(result.now) })).toMatchObject({ kind: 'done' });
    expect(await bench.read(FILE)).toContain('"mine"');
  });

  it('by client and action alone: no path, no text, no unknown client', () => {
    const channel = 'client-apps.preview';
    expect(checkPayload(channel, [connect]).kind).toBe('accepted');
    for (const more of [{ path: '/etc/passwd' }, { text: '{}' }, { id: '../cursor' }, { action: 'write' }]) {
      expect(checkPayload(channel, [{ ...connect, ...more }]).kind).toBe('rejected');
    }
    expect(checkPayload('client-apps.apply', [{ ticket: 'x'.repeat(5000) }]).kind).toBe('rejected');
  });

  it('says what can be done about a client', async () => {
    const actions = async (): Promise<unknown> => (await bench.row('cursor')).actions;
    expect(await actions()).toEqual(['connect']);
    await bench.run('connect', 'cursor');
    expect(await actions()).toEqual(['undo', 'disconnect']);
    await bench.write(FILE, TEXT);
    expect(await actions()).toEqual(['repair', 'disconnect']);
    await bench.write(FILE, '{ broken');
    expect(await actions()).toEqual([]);
    await bench.write(FILE, '{ "mcpServers": { "gateway": { "command": "x" } } }');
    expect(await actions()).toEqual(['repair', 'disconnect']);
    expect((await bench.row('zed')).actions).toEqual([]);
    await bench.write(
      '.config/zed/settings.json',
      '{ "context_servers": { "gateway": { "command": "x" } } }',
    );
    expect((await bench.row('zed')).actions).toEqual(['connect']);
    expect(await bench.run('connect', 'zed')).toMatchObject({ kind: 'refused', freeName: 'gateway-2' });
  });
});
