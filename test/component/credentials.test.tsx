import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesktopPages } from '../../src/main/desktop-pages';
import type {
  ChosenCertificate,
  CredentialOutcome,
  CredentialView,
  SignInOutcome,
  SignInView,
} from '../../src/shared/model/credential-views';
import { sampleSituations } from '../support/fake-desktop-router';
import {
  sampleCertificate,
  sampleCredentials,
  sampleReport,
  sampleSignIn,
  sampleToken,
} from '../support/sample-credentials';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

const VALUE = 'sk-new-secret';

interface Page extends TestWindow {
  /** What the page sent, one line for each command. */
  readonly sent: readonly string[];
}

interface Machine {
  readonly credentials?: readonly CredentialView[];
  readonly signIn?: SignInView;
  readonly situation?: keyof typeof sampleSituations;
  readonly behind?: Partial<DesktopPages['credentials']>;
}

async function openPage({
  credentials,
  signIn,
  situation = 'connected',
  behind,
}: Machine = {}): Promise<Page> {
  const sent: string[] = [];
  const report = sampleReport(credentials ?? [sampleToken(Date.now())], signIn ?? null);
  const pages = {
    ...sampleCredentials,
    'credentials.list': () => Promise.resolve(report),
    ...behind,
  };
  const recorded = Object.fromEntries(
    Object.entries(pages).map(([name, handler]) => [
      name,
      (input: never) => {
        if (name !== 'credentials.list') sent.push(`${name} ${JSON.stringify(input)}`);
        return handler(input);
      },
    ]),
  ) as unknown as DesktopPages['credentials']; // the same functions, each of which leaves a line
  const opened = await openWindow(sampleSituations[situation], undefined, { credentials: recorded });
  await opened.user.click(screen.getByRole('button', { name: 'Credentials' }));
  return { ...opened, sent };
}

const button = (name: string): HTMLElement => screen.getByRole('button', { name });
const press = async ({ user }: TestWindow, name: string): Promise<void> =>
  user.click(await screen.findByRole('button', { name }));

/** An answer that comes when the test wants it. */
function later<T>(): { readonly promise: Promise<T>; readonly come: (value: T) => void } {
  let come = (_value: T): void => undefined;
  const promise = new Promise<T>((resolve) => (come = resolve));
  return { promise, come };
}

describe('what the page shows', () => {
  it('names place, age and when it is due, and no value', async () => {
    const { container } = await openPage();
    const card = await screen.findByRole('region', { name: 'Token' });
    expect(within(card).getByText('The keychain, entry "gateway-token"')).toBeDefined();
    expect(within(card).getByText('12 days')).toBeDefined();
    expect(within(card).getByText('To be rotated in 78 days')).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that a token is older than the settings allow', async () => {
    const now = Date.now();
    const storedAt = new Date(now - 100 * 86_400_000).toISOString();
    await openPage({ credentials: [sampleToken(now, { storedAt })] });
    expect(await screen.findByText('Older than 90 days: rotate it')).toBeDefined();
  });

  it('shows a certificate with its issuer and how long it is still good', async () => {
    const { container } = await openPage({ credentials: [sampleCertificate(Date.now())] });
    expect(await screen.findByText('by Example Trust Services R3')).toBeDefined();
    const line = screen.getByText(/, in (19|20) days$/);
    expect(line.getAttribute('data-tone')).toBe('warning');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it.each([
    ['environment', 'The environment variable T', 'Only whoever starts MCP Router can change this variable.'],
    ['command', 'The program T', 'Change it in that program, then choose Connect.'],
    ['oauth2', 'The identity provider, T', 'It is changed there.'],
  ] as const)('says where a token of the %s is changed', async (source, place, why) => {
    const change = { kind: 'elsewhere', why: 'It is changed there.' } as const;
    const view = { source, name: 'T', storedAt: null, change } as const;
    await openPage({ credentials: [sampleToken(Date.now(), view)] });
    expect(await screen.findByText(place)).toBeDefined();
    expect(screen.getByText(why)).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Rotate...' })).toBeNull();
  });

  it('leads to the connection page where there is no place for a token yet', async () => {
    const view = { source: null, name: '', storedAt: null, change: { kind: 'connection' } } as const;
    const page = await openPage({ credentials: [sampleToken(Date.now(), view)] });
    await press(page, 'Open Connection');
    expect(await screen.findByRole('heading', { level: 1, name: 'Connection' })).toBeDefined();
  });

  it('says when nothing is in use, when there are no settings, and when it cannot be read', async () => {
    await openPage({ credentials: [] });
    expect(await screen.findByText('No credential is in use')).toBeDefined();
    cleanup();
    const problem = { kind: 'no-config', problems: ['Line 3 is wrong.'] } as const;
    await openPage({ behind: { 'credentials.list': () => Promise.resolve(problem) } });
    expect(await screen.findByText(/Line 3 is wrong\./)).toBeDefined();
    cleanup();
    await openPage({ behind: { 'credentials.list': () => Promise.reject(new Error('internal')) } });
    expect(await screen.findByText('The credentials cannot be read')).toBeDefined();
  });

  it('asks again when the router went back to the old one by itself', async () => {
    let asked = 0;
    const { router } = await openPage({
      behind: {
        'credentials.list': () => {
          asked += 1;
          return Promise.resolve(sampleReport([sampleToken(Date.now())]));
        },
      },
    });
    await screen.findByRole('region', { name: 'Token' });
    const before = asked;
    act(() =>
      router.tell([
        { sequence: 1, at: Date.now(), kind: 'credential-rolled-back', what: 'token', name: 'gateway-token' },
      ]),
    );
    await waitFor(() => expect(asked).toBe(before + 1));
  });
});

describe('SEC-105 rotation by steps', () => {
  it('SEC-106 sends the value once, shows how far it is, and keeps nothing of it', async () => {
    const answer = later<CredentialOutcome>();
    const page = await openPage({ behind: { 'credentials.rotate': () => answer.promise } });
    await press(page, 'Rotate...');
    const field = screen.getByLabelText<HTMLInputElement>('New token');
    expect(document.activeElement).toBe(field);
    expect(field.type).toBe('password');
    await page.user.type(field, `${VALUE}{Enter}`);
    expect(page.sent).toEqual([
      `credentials.rotate {"id":"token keychain gateway-token","value":"${VALUE}"}`,
    ]);
    expect(field.value).toBe('');
    expect(screen.getByText('Trying the new one. What is in use stays in use.')).toBeDefined();
    const id = 'token keychain gateway-token';
    act(() => page.router.announce('credentials.progress', { kind: 'changing', id, step: 'swapping' }));
    expect(screen.getByText('It was accepted. Switching...')).toBeDefined();
    await act(async () => {
      answer.come({ kind: 'rotated', until: new Date(Date.now() + 3_600_000).toISOString() });
      await answer.promise;
    });
    expect(await screen.findByText(/The new token was accepted and is in use\./)).toBeDefined();
    expect(document.activeElement).toBe(button('Rotate...'));
    expect(document.body.innerHTML).not.toContain(VALUE);
  });

  it.each([
    ['refused', 'The new token was not accepted'],
    ['not-tried', 'The new token could not be tried'],
    ['failed', 'That did not work'],
  ] as const)('says when it was %s, and asks again', async (kind, title) => {
    const refused = Promise.resolve({ kind, message: 'HTTP 401.' });
    const page = await openPage({ behind: { 'credentials.rotate': () => refused } });
    await press(page, 'Rotate...');
    await page.user.type(screen.getByLabelText('New token'), VALUE);
    await press(page, 'Try it and switch');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(title);
    expect(alert.textContent).toContain('HTTP 401.');
    expect(alert.textContent).toContain('Nothing was changed.');
    expect(screen.getByLabelText<HTMLInputElement>('New token').value).toBe('');
    expect(screen.queryByRole('button', { name: 'Store it anyway' })).toBeNull();
    expect(await accessibilityProblems(page.container)).toEqual([]);
    await press(page, 'Cancel');
    expect(document.activeElement).toBe(button('Rotate...'));
  });

  it('sends nothing when nothing was entered', async () => {
    const page = await openPage();
    await press(page, 'Rotate...');
    await press(page, 'Try it and switch');
    expect(screen.getByText('Enter or paste it first.')).toBeDefined();
    expect(page.sent).toEqual([]);
  });

  it('offers to store a refused one only where nothing is stored', async () => {
    const view = { storedAt: null, change: { kind: 'enter' } } as const;
    const refused = Promise.resolve({ kind: 'not-tried', message: 'ECONNREFUSED' } as const);
    const page = await openPage({
      credentials: [sampleToken(Date.now(), view)],
      behind: { 'credentials.rotate': () => refused },
    });
    await press(page, 'Enter...');
    await page.user.type(screen.getByLabelText('New token'), `${VALUE}{Enter}`);
    await press(page, 'Store it anyway');
    expect(page.sent.at(-1)).toContain('credentials.store');
    expect(await screen.findByText(/was stored\. Nobody was asked/)).toBeDefined();
    expect(document.body.innerHTML).not.toContain(VALUE);
  });

  it('counts down while the old one is kept, and goes back or ends that', async () => {
    const previousUntil = new Date(Date.now() + 30 * 60_000).toISOString();
    const page = await openPage({ credentials: [sampleToken(Date.now(), { previousUntil })] });
    const box = await screen.findByRole('region', { name: 'The old token is kept for now' });
    expect(box.textContent).toMatch(/For (29|30) min more, until/);
    expect(await accessibilityProblems(page.container)).toEqual([]);
    await press(page, 'Roll back');
    expect(await screen.findByText('The old token is in use again.')).toBeDefined();
    await press(page, 'Delete the old one now');
    expect(await screen.findByText('The old token was deleted.')).toBeDefined();
    expect(page.sent.map((line) => line.split(' ')[0])).toEqual([
      'credentials.rollBack',
      'credentials.endOverlap',
    ]);
  });
});

describe('SEC-107 a new certificate', () => {
  const ready: ChosenCertificate = {
    kind: 'ready',
    facts: {
      subject: 'new-ada',
      issuer: 'Example Trust Services R4',
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: '2099-01-01T00:00:00.000Z',
    },
    files: ['client.p12'],
  };

  it('is chosen by main, opened with its passphrase, shown, tried and used', async () => {
    const page = await openPage({
      credentials: [sampleCertificate(Date.now())],
      behind: {
        'credentials.chooseCertificate': () =>
          Promise.resolve({ kind: 'needs-passphrase', files: ['client.p12'] }),
        'credentials.openCertificate': () => Promise.resolve(ready),
      },
    });
    await press(page, 'Replace...');
    await press(page, 'Choose a PKCS#12 bundle...');
    const field = await screen.findByLabelText<HTMLInputElement>('Passphrase');
    await page.user.type(field, 'open sesame');
    await press(page, 'Open it');
    expect(await screen.findByText('by Example Trust Services R4')).toBeDefined();
    expect(screen.getByText('From client.p12')).toBeDefined();
    expect(document.body.innerHTML).not.toContain('open sesame');
    expect(await accessibilityProblems(page.container)).toEqual([]);
    await press(page, 'Try it and switch');
    expect(await screen.findByText(/The new certificate was accepted and is in use\./)).toBeDefined();
    const id = sampleCertificate(0).id;
    expect(page.sent).toEqual([
      `credentials.chooseCertificate ${JSON.stringify({ id, form: 'pkcs12' })}`,
      'credentials.openCertificate {"passphrase":"open sesame"}',
      'credentials.useCertificate undefined',
    ]);
  });

  it('says why a file cannot be used', async () => {
    const refused = Promise.resolve({ kind: 'refused', message: 'It holds no key.' } as const);
    const page = await openPage({
      credentials: [sampleCertificate(Date.now())],
      behind: { 'credentials.chooseCertificate': () => refused },
    });
    await press(page, 'Replace...');
    await press(page, 'Choose PEM files...');
    expect((await screen.findByRole('alert')).textContent).toContain('It holds no key.');
    expect(screen.queryByRole('button', { name: 'Try it and switch' })).toBeNull();
  });
});

describe('signing in with the browser', () => {
  const signedOut: SignInView = { endpoint: 'https://mcp.example.com/mcp', state: 'signed-out' };

  it('waits for the browser, and can be cancelled', async () => {
    const answer = later<SignInOutcome>();
    const page = await openPage({
      credentials: [],
      signIn: signedOut,
      behind: { 'credentials.signIn': () => answer.promise },
    });
    await press(page, 'Sign in with the browser');
    expect(screen.getByText('Asking the server where to sign in...')).toBeDefined();
    act(() =>
      page.router.announce('credentials.progress', { kind: 'signing-in', provider: 'login.example.com' }),
    );
    expect(screen.getByText(/Sign in at login\.example\.com, in your browser/)).toBeDefined();
    expect(await accessibilityProblems(page.container)).toEqual([]);
    await press(page, 'Cancel');
    await act(async () => {
      answer.come({ kind: 'cancelled' });
      await answer.promise;
    });
    expect(await screen.findByText('Cancelled. Nothing was changed.')).toBeDefined();
    expect(page.sent).toEqual(['credentials.signIn undefined', 'credentials.cancelSignIn undefined']);
  });

  it('shows who is signed in and until when, and says what the provider answered to signing out', async () => {
    const page = await openPage({ credentials: [], signIn: sampleSignIn(Date.now()) });
    expect(await screen.findByText('https://login.example.com')).toBeDefined();
    expect(screen.getByText(/Ends in 4[45] min, and is renewed by itself/)).toBeDefined();
    await press(page, 'Sign out');
    expect(await screen.findByText('Signed out. The identity provider has ended the tokens.')).toBeDefined();
  });

  it('is where the overview leads when a person has to sign in', async () => {
    const { router, user } = await openWindow(sampleSituations.connected);
    const cause = { code: 'sign-in-needed', detail: '' } as const;
    const failed = sampleSituations['token refused'];
    act(() => router.show({ ...failed, router: { ...failed.router, cause } }));
    await user.click(await screen.findByRole('button', { name: 'Open Credentials' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'Credentials' })).toBeDefined();
    expect(screen.getByRole('region', { name: 'You have to sign in' })).toBeDefined();
  });
});
