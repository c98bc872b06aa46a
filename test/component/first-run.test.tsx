import { act, cleanup, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { LookResult } from '../../src/shared/ipc/setup-calls';
import type { GatewayLook } from '../../src/shared/model/gateway-look';
import type { TlsFacts } from '../../src/shared/model/status';
import { sampleSituations } from '../support/fake-desktop-router';
import { samplePages } from '../support/sample-pages';
import { accessibilityProblems, openWindow, type TestWindow } from './window';

afterEach(cleanup);

const facts: TlsFacts = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  isVerified: true,
  subject: 'gateway.example.com',
  issuer: 'Example Trust Services R3',
  validTo: '2099-05-20T12:00:00.000Z',
};
const wanting: GatewayLook = {
  encryption: { kind: 'trusted', facts },
  answer: { kind: 'wants-credential' },
};
const seen = (look: GatewayLook): LookResult => ({ kind: 'seen', look });

interface Bench extends TestWindow {
  readonly saved: unknown[];
}

async function start(result: LookResult, signIn?: 'signed-in' | 'failed'): Promise<Bench> {
  const saved: unknown[] = [];
  const window = await openWindow(sampleSituations['not set up'], undefined, {
    setup: {
      ...samplePages.setup,
      'setup.look': () => Promise.resolve(result),
      'setup.save': (access) => {
        saved.push(access);
        return Promise.resolve({ ok: true });
      },
    },
    credentials: {
      ...samplePages.credentials,
      'credentials.signIn': () =>
        Promise.resolve(
          signIn === 'failed'
            ? { kind: 'failed', message: 'The identity provider said no.' }
            : { kind: 'signed-in', issuer: 'https://id.example', clientId: 'me' },
        ),
    },
  });
  return { ...window, saved };
}

const check = async ({ user }: TestWindow, url = 'wss://gateway.example.com/'): Promise<void> => {
  const field = screen.getByLabelText('Gateway address');
  await user.clear(field);
  await user.type(field, `${url}{Enter}`);
};
const step = (): string | null | undefined =>
  document.querySelector('[aria-current="step"]')?.textContent.replace(/^\d/, '');

describe('the first run', () => {
  it('shows certificate and encryption before anything is stored, then asks for a token', async () => {
    const window = await start(seen(wanting));
    await check(window);
    expect(await screen.findByText('Encrypted with TLS 1.3, TLS_AES_256_GCM_SHA384')).toBeTruthy();
    for (const text of ['gateway.example.com', 'Issued by Example Trust Services R3']) {
      expect(screen.getByText(text)).toBeTruthy();
    }
    expect(await accessibilityProblems(window.container)).toEqual([]);
    await window.user.click(screen.getByRole('button', { name: 'Continue' }));
    expect(step()).toBe('Sign in');
    expect(document.activeElement?.textContent).toBe('Not set up yet');
    await window.user.type(screen.getByLabelText('Paste a token'), 'secret-token{Enter}');
    expect(window.router.calls).toContain('save wss://gateway.example.com/');
    act(() => window.router.show(sampleSituations.connected));
    expect(step()).toBe('Connect a client');
    expect(await screen.findByText('Connected to gateway.example.com.')).toBeTruthy();
    expect(await accessibilityProblems(window.container)).toEqual([]);
    await window.user.click(screen.getByRole('button', { name: 'Done' }));
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Connected');
  });

  it('stays where it is when a certificate is not trusted, and says what was presented', async () => {
    const cause = { code: 'certificate-rejected', detail: 'SELF_SIGNED_CERT_IN_CHAIN' } as const;
    const untrusted = { kind: 'untrusted', facts: { ...facts, isVerified: false }, cause } as const;
    const window = await start(seen({ encryption: untrusted, answer: { kind: 'not-asked' } }));
    await check(window);
    expect(
      await screen.findByText(/The certificate is not trusted: .*SELF_SIGNED_CERT_IN_CHAIN/),
    ).toBeTruthy();
    expect(screen.getByText('What was presented, and nobody vouches for')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Continue' })).toBeNull();
    expect(await accessibilityProblems(window.container)).toEqual([]);
  });

  it('says at the field what is wrong with an address, and what nobody answers', async () => {
    const window = await start({ kind: 'refused', message: 'The address must begin with wss://.' });
    await check(window, 'nonsense');
    expect(await screen.findByText('The address must begin with wss://.')).toBeTruthy();
    cleanup();
    const cause = { code: 'gateway-unreachable', detail: 'ECONNREFUSED' } as const;
    const other = await start(seen({ encryption: { kind: 'plain' }, answer: { kind: 'failed', cause } }));
    await check(other, 'ws://127.0.0.1:9/');
    expect(await screen.findByText(/It does not answer: .*ECONNREFUSED/)).toBeTruthy();
  });

  it('needs no token where everybody is let in', async () => {
    const window = await start(seen({ encryption: { kind: 'plain' }, answer: { kind: 'open' } }));
    await check(window, 'ws://127.0.0.1:9/');
    await window.user.click(await screen.findByRole('button', { name: 'Use it without a token' }));
    expect(window.saved).toEqual([{ url: 'ws://127.0.0.1:9/', access: 'open' }]);
    expect(step()).toBe('Connect a client');
  });

  it('lets a person sign in with the browser at an MCP server', async () => {
    const window = await start(seen(wanting));
    await check(window, 'https://mcp.example.com/mcp');
    await window.user.click(await screen.findByRole('button', { name: 'Continue' }));
    await window.user.click(screen.getByRole('button', { name: 'Sign in with the browser' }));
    expect(window.saved).toEqual([{ url: 'https://mcp.example.com/mcp', access: 'sign-in' }]);
    expect(step()).toBe('Connect a client');
  });

  it('says why signing in failed, and stays there', async () => {
    const window = await start(seen(wanting), 'failed');
    await check(window, 'https://mcp.example.com/mcp');
    await window.user.click(await screen.findByRole('button', { name: 'Continue' }));
    await window.user.click(screen.getByRole('button', { name: 'Sign in with the browser' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The identity provider said no.');
    expect(step()).toBe('Sign in');
  });

  it('offers signing in only where the server can name who signs people in', async () => {
    const window = await start(seen(wanting));
    await check(window);
    await window.user.click(await screen.findByRole('button', { name: 'Continue' }));
    expect(screen.queryByRole('button', { name: 'Sign in with the browser' })).toBeNull();
  });
});

describe('what an earlier router left', () => {
  const withEarlier = (earlier: { secrets: { name: string; place: string }[]; hasInlineToken: boolean }) => {
    const taken: string[] = [];
    const opened = openWindow(sampleSituations['token missing'], undefined, {
      setup: {
        ...samplePages.setup,
        'setup.earlier': () =>
          Promise.resolve(taken.length === 0 ? earlier : { secrets: [], hasInlineToken: false }),
        'setup.takeOver': () => {
          taken.push('taken');
          return Promise.resolve({ ok: true });
        },
      },
    });
    return { taken, opened };
  };

  it('is offered by name, taken over with one click, and gone then', async () => {
    const { taken, opened } = withEarlier({
      secrets: [{ name: 'gateway', place: 'the keychain entry of the earlier router' }],
      hasInlineToken: false,
    });
    const { user, router } = await opened;
    expect(await screen.findByText(/"gateway" \(the keychain entry of the earlier router\)/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Take over' }));
    expect(taken).toEqual(['taken']);
    expect(router.calls).toContain('connect');
    expect(screen.queryByText('The earlier router left something')).toBeNull();
  });

  it('is a token in the file, which can be moved', async () => {
    const { opened } = withEarlier({ secrets: [], hasInlineToken: true });
    const { container } = await opened;
    expect(await screen.findByRole('button', { name: 'Move it' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});
