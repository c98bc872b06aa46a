import { act, cleanup, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  CommandResult,
  ConnectionSettings,
  RouterBridge,
  SaveConnection,
} from '../../src/shared/ipc/contract';
import { sampleSituations } from '../support/fake-desktop-router';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

const fresh: ConnectionSettings = { url: '', tokenSource: null, isTokenEditable: true };
const stored: ConnectionSettings = {
  url: 'wss://gateway.example.com/mcp',
  tokenSource: { kind: 'keychain', name: 'gateway-token' },
  isTokenEditable: true,
};

interface Form extends TestWindow {
  readonly saved: readonly SaveConnection[];
  readonly url: HTMLInputElement;
  readonly token: HTMLInputElement;
}

const input = (label: string): HTMLInputElement => screen.getByLabelText<HTMLInputElement>(label);

async function openForm(
  options: {
    readonly settings?: ConnectionSettings;
    readonly result?: Promise<CommandResult>;
    readonly change?: (bridge: RouterBridge) => RouterBridge;
    readonly situation?: keyof typeof sampleSituations;
  } = {},
): Promise<Form> {
  const saved: SaveConnection[] = [];
  const { settings = stored, result = Promise.resolve({ ok: true }), situation = 'connected' } = options;
  const opened = await openWindow(sampleSituations[situation], (bridge) => ({
    ...bridge,
    'connection.get': () => Promise.resolve(settings),
    'connection.save': (given) => {
      saved.push(given);
      return result;
    },
  }));
  await opened.user.click(screen.getByRole('button', { name: 'Connection' }));
  await screen.findByLabelText('Gateway address');
  return { ...opened, saved, url: input('Gateway address'), token: input('Token') };
}

const save = (): HTMLElement => screen.getByRole('button', { name: 'Save and connect' });

describe('the connection page', () => {
  it('SEC-09 saves address and token, then forgets the token', async () => {
    const { user, url, token, saved } = await openForm({ settings: fresh });
    await user.type(url, 'wss://gateway.example.com/mcp');
    await user.type(token, 'sk-secret');
    await user.click(save());
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(saved).toEqual([{ url: 'wss://gateway.example.com/mcp', token: 'sk-secret' }]);
    expect(token.value).toBe('');
    expect(document.body.innerHTML).not.toContain('sk-secret');
  });

  it('keeps the stored token when none is typed', async () => {
    const { user, saved } = await openForm();
    await user.click(save());
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(saved).toEqual([{ url: stored.url }]);
  });

  it('saves with the keyboard alone', async () => {
    const { user, url, saved } = await openForm();
    act(() => url.focus());
    await user.keyboard('{Enter}');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(saved).toHaveLength(1);
  });

  it('hides the token unless asked, and says what the button does', async () => {
    const { user, token } = await openForm();
    expect(token.type).toBe('password');
    await user.click(screen.getByRole('button', { name: 'Show what I type' }));
    expect(token.type).toBe('text');
    await user.click(screen.getByRole('button', { name: 'Hide what I type' }));
    expect(token.type).toBe('password');
  });

  it('shows progress and does not save twice', async () => {
    let finish = (_result: CommandResult): void => undefined;
    const result = new Promise<CommandResult>((resolve) => (finish = resolve));
    const { user, url, saved } = await openForm({ result });
    await user.click(save());
    expect(save().hasAttribute('data-loading')).toBe(true);
    act(() => url.focus());
    await user.keyboard('{Enter}');
    expect(saved).toHaveLength(1);
    finish({ ok: true });
    expect(await screen.findByText('Saved.')).toBeDefined();
  });

  it.each(['url', 'token'] as const)('puts a refused %s beside its field and moves there', async (field) => {
    const message = 'This cannot be used.';
    const refused = Promise.resolve({ ok: false, code: 'config-invalid', message, field } as const);
    const { user, url, token } = await openForm({ result: refused });
    await user.type(token, 'sk-secret');
    await user.click(save());
    const wrong = field === 'url' ? url : token;
    expect(await screen.findByText(message)).toBeDefined();
    expect(wrong.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(wrong);
    expect(token.value).toBe('sk-secret');
  });

  it('tells any other refusal with its next step', async () => {
    const message = 'The keychain is locked, or the token was removed from it.';
    const { user, container } = await openForm({
      result: Promise.resolve({ ok: false, code: 'keychain-locked', message }),
    });
    await user.click(save());
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(message);
    expect(alert.textContent).toContain('Unlock the keychain and connect again.');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it.each([
    ['keychain', 'Stored in the keychain, entry "x". Leave empty to keep it.', false],
    ['environment', 'Comes from the environment variable x. Change it there', true],
    ['file', 'Comes from the file x. Change it there', true],
  ] as const)('says where a token of the %s comes from', async (kind, hint, isDisabled) => {
    const settings = { url: stored.url, tokenSource: { kind, name: 'x' }, isTokenEditable: !isDisabled };
    const { token, container } = await openForm({ settings });
    expect(screen.getByText(hint, { exact: false })).toBeDefined();
    expect(token.disabled).toBe(isDisabled);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it.each([
    ['keychain locked', 'The keychain is locked'],
    ['keychain missing', 'This machine offers no keychain'],
  ] as const)('warns before anything is typed when %s', async (situation, title) => {
    await openForm({ situation });
    expect(screen.getByRole('region', { name: title })).toBeDefined();
  });

  it('says when the settings cannot be read', async () => {
    const { user } = await openWindow(sampleSituations.connected, (bridge) => ({
      ...bridge,
      'connection.get': () => Promise.reject(new Error('config-unreadable')),
    }));
    await user.click(screen.getByRole('button', { name: 'Connection' }));
    expect(await screen.findByText('The settings cannot be read')).toBeDefined();
    expect(screen.getByText('The configuration file cannot be used.')).toBeDefined();
  });
});
