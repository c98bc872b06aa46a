import { act, cleanup, screen, within } from '@testing-library/react';
import type { BoundFunctions, queries } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesktopPages } from '../../src/main/desktop-pages';
import type { ClientChangePreview, ClientChangeRequest } from '../../src/shared/ipc/client-app-calls';
import type { ClientRow } from '../../src/shared/model/client-apps';
import { RouterError } from '../../src/shared/model/errors';
import { sampleSituations } from '../support/fake-desktop-router';
import { SAMPLE_TICKET, sampleClientApps, samplePreview, sampleRows } from '../support/sample-clients';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

type ClientApps = DesktopPages['clientApps'];

async function openClients(
  change: Partial<ClientApps> = {},
  situation: keyof typeof sampleSituations = 'connected',
): Promise<TestWindow> {
  const clientApps = { ...sampleClientApps, ...change };
  const opened = await openWindow(sampleSituations[situation], (bridge) => bridge, { clientApps });
  await opened.user.click(screen.getByRole('button', { name: 'Clients' }));
  await screen.findByText(/connected\.|None was found\./);
  return opened;
}

const rowOf = (title: string): HTMLElement => {
  const row = within(screen.getByRole('list', { name: 'Programs on this machine' }))
    .getAllByRole('listitem')
    .find((item) => item.textContent.startsWith(title));
  if (row === undefined) throw new Error(`no row for ${title}`);
  return row;
};
const buttonsOf = (title: string): readonly (string | null)[] =>
  within(rowOf(title))
    .queryAllByRole('button')
    .map((button) => button.textContent);

describe('the programs of this machine', () => {
  it('are found or not, connected or not, drifted or unusable, each with what to do', async () => {
    const { container } = await openClients();
    expect(screen.getByText('2 of 6 connected. 2 need your attention.')).toBeDefined();
    expect(buttonsOf('Claude Desktop')).toEqual(['Connect']);
    expect(rowOf('Claude Code').textContent).toContain('As “gateway”');
    expect(rowOf('Claude Code').textContent).toContain('switched off in the client');
    expect(buttonsOf('Claude Code')).toEqual(['Undo', 'Disconnect']);
    expect(rowOf('Cursor').textContent).toContain('The client lost our entry “gateway”.');
    expect(buttonsOf('Cursor')).toEqual(['Repair', 'Disconnect']);
    expect(rowOf('VS Code').textContent).toContain('line 4, column 3: a comma is missing');
    expect(buttonsOf('VS Code')).toEqual([]);
    expect(rowOf('Windsurf').textContent).toContain('another server with the name “gateway”');
    expect(rowOf('Zed').textContent).toContain('written by hand');
    expect(
      screen.getByText('Not found on this machine: VS Code Insiders, Codex CLI, Gemini CLI'),
    ).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('say what is known when none is there', async () => {
    const none = sampleRows.map((row): ClientRow => ({ ...row, state: { kind: 'not-found' }, actions: [] }));
    const { container } = await openClients({ 'client-apps.list': () => Promise.resolve(none) });
    expect(screen.getByText(/MCP Router knows Claude Desktop/)).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('are looked at again when asked, and what changed is announced', async () => {
    let rows = sampleRows;
    const { user } = await openClients({ 'client-apps.list': () => Promise.resolve(rows) });
    rows = rows.filter(({ state }) => state.kind === 'connected');
    await user.click(screen.getByRole('button', { name: 'Look again' }));
    expect((await screen.findByText('2 of 2 connected.')).getAttribute('role')).toBe('status');
  });

  it('cannot be looked at: that is said', async () => {
    const opened = await openWindow(sampleSituations.connected, (bridge) => ({
      ...bridge,
      'client-apps.list': () => Promise.reject(new Error('internal')),
    }));
    await opened.user.click(screen.getByRole('button', { name: 'Clients' }));
    expect(await screen.findByText('The clients of this machine cannot be looked at')).toBeDefined();
  });

  it('do not see the demo, which is said there', async () => {
    await openClients({}, 'demo');
    expect(screen.getByText('The demo has clients of its own')).toBeDefined();
  });
});

describe('connecting', () => {
  const dialog = async (): Promise<BoundFunctions<typeof queries>> =>
    within(await screen.findByRole('dialog', { name: 'Connect Claude Desktop' }));

  it('shows path and exact change, asks, and leads to undo', async () => {
    const asked: unknown[] = [];
    const { user, container } = await openClients({
      'client-apps.preview': (request) => {
        asked.push(request);
        return sampleClientApps['client-apps.preview'](request);
      },
      'client-apps.apply': (input) => {
        asked.push(input);
        return sampleClientApps['client-apps.apply'](input);
      },
    });
    await user.click(screen.getByRole('button', { name: 'Connect Claude Desktop' }));
    const connect = await dialog();
    expect(await connect.findByText('/home/ada/.config/Claude/claude_desktop_config.json')).toBeDefined();
    expect(connect.getByText('+ "gateway": {', { exact: false }).getAttribute('data-tone')).toBe('good');
    expect(connect.getByText(/A copy of the file is kept first/)).toBeDefined();
    expect(await accessibilityProblems(container.ownerDocument.body)).toEqual([]);
    await user.click(connect.getByRole('button', { name: 'Connect' }));
    expect(await connect.findByText(/Claude Desktop is connected/)).toBeDefined();
    await user.click(connect.getByRole('button', { name: 'Undo...' }));
    const undo = within(
      await screen.findByRole('dialog', { name: 'Undo the last change to Claude Desktop' }),
    );
    await user.click(await undo.findByRole('button', { name: 'Undo the change' }));
    await undo.findByText(/Claude Desktop is connected/);
    expect(asked).toEqual([
      { action: 'connect', id: 'claude-desktop' },
      { ticket: SAMPLE_TICKET },
      { action: 'undo', id: 'claude-desktop' },
      { ticket: SAMPLE_TICKET },
    ]);
  });

  it('with the keyboard alone, and Escape leaves everything as it is', async () => {
    const asked: string[] = [];
    const { user } = await openClients({
      'client-apps.apply': (input) => {
        asked.push('apply');
        return sampleClientApps['client-apps.apply'](input);
      },
    });
    screen.getByRole('button', { name: 'Connect Claude Desktop' }).focus();
    await user.keyboard('{Enter}');
    await (await dialog()).findByRole('button', { name: 'Connect' });
    await user.keyboard('{Escape}');
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
    await expect.poll(() => document.activeElement?.id).toBe('client-app-claude-desktop');
    expect(asked).toEqual([]);
  });

  it('waits until the client is closed, and looks again when asked', async () => {
    let obstacle: string | null =
      'Claude Desktop is running and would overwrite the change. Quit it and try again.';
    const { user } = await openClients({
      'client-apps.preview': ({ action }) =>
        Promise.resolve({ kind: 'planned', ticket: SAMPLE_TICKET, preview: samplePreview(action, obstacle) }),
    });
    await user.click(screen.getByRole('button', { name: 'Connect Claude Desktop' }));
    const connect = await dialog();
    expect(await connect.findByText(/Claude Desktop is running/)).toBeDefined();
    expect(connect.queryByRole('button', { name: 'Connect' })).toBeNull();
    obstacle = null;
    await user.click(connect.getByRole('button', { name: 'Try again' }));
    expect(await connect.findByRole('button', { name: 'Connect' })).toBeDefined();
    expect(connect.queryByText(/is running/)).toBeNull();
  });

  it('shows another preview when the file was changed meanwhile', async () => {
    const renewed: ClientChangePreview = {
      kind: 'planned',
      ticket: SAMPLE_TICKET.replace('7', '8'),
      preview: { ...samplePreview('connect'), diff: ['+   "gateway": { }'] },
    };
    const { user } = await openClients({
      'client-apps.apply': ({ ticket }) =>
        ticket === SAMPLE_TICKET
          ? Promise.resolve({ kind: 'stale', now: renewed })
          : sampleClientApps['client-apps.apply']({ ticket }),
    });
    await user.click(screen.getByRole('button', { name: 'Connect Claude Desktop' }));
    const connect = await dialog();
    await user.click(await connect.findByRole('button', { name: 'Connect' }));
    expect(await connect.findByText(/The file was changed meanwhile, so nothing was written/)).toBeDefined();
    expect(connect.getByText('+ "gateway": { }', { exact: false })).toBeDefined();
    await user.click(connect.getByRole('button', { name: 'Connect' }));
    expect(await connect.findByText(/Claude Desktop is connected/)).toBeDefined();
  });

  it('offers another name, or to replace, where the name is taken', async () => {
    const asked: ClientChangeRequest[] = [];
    const { user } = await openClients({
      'client-apps.preview': (request) => {
        asked.push(request);
        const isFree = request.name !== undefined || request.mayReplace === true;
        return isFree
          ? sampleClientApps['client-apps.preview'](request)
          : Promise.resolve({ kind: 'refused', message: 'taken', freeName: 'gateway-2' });
      },
    });
    await user.click(screen.getByRole('button', { name: 'Connect Windsurf' }));
    await user.click(await screen.findByRole('button', { name: 'Use the name “gateway-2”' }));
    await screen.findByText(/A copy of the file is kept first/);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await user.click(screen.getByRole('button', { name: 'Connect Windsurf' }));
    await user.click(await screen.findByRole('button', { name: 'Replace that server...' }));
    await screen.findByText(/A copy of the file is kept first/);
    expect(asked.slice(1)).toEqual([
      { action: 'connect', id: 'windsurf', name: 'gateway-2' },
      { action: 'connect', id: 'windsurf' },
      { action: 'connect', id: 'windsurf', mayReplace: true },
    ]);
  });

  it('says why nothing was written', async () => {
    const { user } = await openClients({
      'client-apps.apply': () => Promise.reject(new RouterError('audit-unavailable')),
    });
    await user.click(screen.getByRole('button', { name: 'Connect Claude Desktop' }));
    const connect = await dialog();
    await user.click(await connect.findByRole('button', { name: 'Connect' }));
    expect(await connect.findByText('Nothing was written')).toBeDefined();
  });
});

describe('the attached clients', () => {
  it('are listed with what they do', async () => {
    await openClients({}, 'attached clients');
    const list = within(screen.getByRole('region', { name: 'Attached clients' }));
    const [first, second, third] = list.getAllByRole('listitem');
    expect(first?.textContent).toContain('Claude Code');
    expect(first?.textContent).toContain('128 requests, 2 failed, 2 under way');
    expect(second?.textContent).toContain('A client that has not said its name');
    expect(second?.textContent).toContain('3 requests, 3 waiting');
    expect(third?.textContent).toContain('Old helperBlocked');
  });

  it('can be disconnected and blocked one by one, and unblocked', async () => {
    const { router, user } = await openClients({}, 'attached clients');
    const list = within(screen.getByRole('region', { name: 'Attached clients' }));
    for (const name of [
      'Disconnect Claude Code',
      'Block Claude Code',
      'Disconnect A client that has not said its name',
      'Unblock Old helper',
    ]) {
      await user.click(list.getByRole('button', { name }));
    }
    expect(router.calls).toEqual([
      'disconnect s1',
      'block Claude Code',
      'disconnect s2',
      'unblock Old helper',
    ]);
    expect(list.queryByRole('button', { name: /^Block A client/ })).toBeNull();
  });

  it('say why one could not be blocked', async () => {
    const opened = await openWindow(sampleSituations['attached clients'], (bridge) => ({
      ...bridge,
      'clients.block': () =>
        Promise.resolve({ ok: false, code: 'config-unreadable', message: 'It cannot be written.' }),
    }));
    await opened.user.click(screen.getByRole('button', { name: 'Clients' }));
    await opened.user.click(await screen.findByRole('button', { name: 'Block Claude Code' }));
    expect((await screen.findByRole('alert')).textContent).toContain('It cannot be written.');
  });

  it('say when there are none', async () => {
    await openClients();
    expect(screen.getByText('No client is attached')).toBeDefined();
  });
});

describe('the tokens of clients over HTTP', () => {
  const withTokens = (change: Partial<ClientApps> = {}): Partial<ClientApps> => {
    let names: readonly string[] = ['Build agent'];
    return {
      'client-tokens.list': () =>
        Promise.resolve({
          kind: 'on',
          url: 'http://127.0.0.1:9642/mcp',
          tokens: names.map((name) => ({ name, createdAt: '2026-02-11T10:00:00.000Z' })),
        }),
      'client-tokens.add': ({ name }) => {
        names = [...names, name];
        return Promise.resolve({ kind: 'added', name, value: 'shown-this-once' });
      },
      'client-tokens.revoke': ({ name }) => {
        names = names.filter((other) => other !== name);
        return Promise.resolve({ ok: true });
      },
      ...change,
    };
  };

  it('say in one sentence how they are switched on', async () => {
    await openClients();
    expect(await screen.findByText(/set local\.http\.enabled to true in the settings file/)).toBeDefined();
  });

  it('are made, shown once, and revoked alone after a second question', async () => {
    const { user, container } = await openClients(withTokens());
    await user.type(await screen.findByLabelText('Name of the program'), 'Notebook');
    await user.click(screen.getByRole('button', { name: 'Make a token' }));
    const field = await screen.findByLabelText('Token of Notebook');
    expect(field).toHaveProperty('value', 'shown-this-once');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'I have it' }));
    expect(document.body.innerHTML).not.toContain('shown-this-once');
    await user.click(await screen.findByRole('button', { name: 'Revoke the token of Build agent' }));
    expect(screen.getByText(/cut off at once/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Revoke now' }));
    await expect.poll(() => screen.queryByText('Build agent')).toBeNull();
    expect(screen.getByText('Notebook')).toBeDefined();
  });

  it('say why none was made', async () => {
    const { user } = await openClients(
      withTokens({
        'client-tokens.add': () => Promise.resolve({ kind: 'refused', problem: 'it has one already' }),
      }),
    );
    await user.type(await screen.findByLabelText('Name of the program'), 'Build agent');
    await user.click(screen.getByRole('button', { name: 'Make a token' }));
    expect((await screen.findByRole('alert')).textContent).toContain('it has one already');
  });

  it('that cannot be read are said to be so', async () => {
    await openClients({
      'client-tokens.list': () => Promise.resolve({ kind: 'unusable', problem: 'the file is damaged' }),
    });
    await act(() => Promise.resolve());
    expect(await screen.findByText('the file is damaged')).toBeDefined();
  });
});
