import { act, cleanup, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { TrafficReport } from '../../src/shared/model/traffic';
import { sampleSituations, withRouter } from '../support/fake-desktop-router';
import { sampleBusyTraffic, sampleTraffic } from '../support/sample-clients';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

type Situation = keyof typeof sampleSituations;

interface Expected {
  readonly heading: string;
  readonly actions: readonly string[];
  /** Titles of the notices, in order. */
  readonly notices: readonly string[];
}

const expected: Readonly<Record<Exclude<Situation, 'not set up'>, Expected>> = {
  disconnected: { heading: 'Disconnected', actions: ['Connect'], notices: [] },
  connecting: { heading: 'Connecting', actions: ['Disconnect'], notices: [] },
  connected: { heading: 'Connected', actions: ['Disconnect'], notices: [] },
  'attached clients': { heading: 'Connected', actions: ['Disconnect'], notices: [] },
  waiting: {
    heading: 'Connecting',
    actions: ['Try again', 'Disconnect'],
    notices: ['The gateway cannot be reached'],
  },
  'token refused': {
    heading: 'Not connected',
    actions: ['Try again', 'Disconnect'],
    notices: ['The gateway refused your token'],
  },
  'token missing': {
    heading: 'Not connected',
    actions: ['Try again', 'Disconnect'],
    notices: ['There is no token yet'],
  },
  'certificate rejected': {
    heading: 'Not connected',
    actions: ['Try again', 'Disconnect'],
    notices: ["The gateway's certificate is not trusted."],
  },
  'keychain locked': {
    heading: 'Not connected',
    actions: ['Try again', 'Disconnect'],
    notices: ['The keychain is locked'],
  },
  'keychain missing': {
    heading: 'Not connected',
    actions: ['Try again', 'Disconnect'],
    notices: ['This machine offers no keychain'],
  },
  'config broken': {
    heading: 'Connected',
    actions: ['Disconnect'],
    notices: ['The settings file has a mistake', 'The settings file needs a look'],
  },
  'config broken at start': {
    heading: 'Disconnected',
    actions: ['Try again'],
    notices: ['The settings file has a mistake'],
  },
  degraded: {
    heading: 'Needs attention',
    actions: ['Disconnect'],
    notices: ['Something needs your attention'],
  },
  locked: { heading: 'Locked down', actions: [], notices: [] },
  demo: { heading: 'Connected', actions: ['Disconnect'], notices: ['This is the built-in demo'] },
};

/** What is shown before anything is set up is in first-run.test.tsx. */
const situations = Object.entries(sampleSituations).flatMap(
  ([name, status]) => (name === 'not set up' ? [] : [[name as keyof typeof expected, status] as const]), // the other keys of the record above
);

const noticeTitles = ['settings file', 'keychain', 'gateway', 'token', 'attention', 'demo', 'certificate'];

/** Names of the regions of the page that are notices. */
function shownNotices(heading: string): readonly string[] {
  return screen
    .queryAllByRole('region')
    .map((region) => region.getAttribute('aria-label') ?? '')
    .filter((name) => name !== heading && noticeTitles.some((word) => name.includes(word)));
}

describe.each(situations)('the overview when %s', (name, status) => {
  const { heading, actions, notices } = expected[name];

  it('names the state, what is wrong, and what can be done', async () => {
    await openWindow(status);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(heading);
    const card = screen.getByRole('region', { name: heading });
    expect(
      within(card)
        .queryAllByRole('button')
        .map((button) => button.textContent),
    ).toEqual(actions);
    expect(shownNotices(heading)).toEqual(notices);
  });

  it('is accessible', async () => {
    const { container } = await openWindow(status);
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});

describe('what to do next', () => {
  const nextSteps: readonly (readonly [Situation, RegExp])[] = [
    ['keychain locked', /Unlock your keychain and choose Try again/],
    ['keychain missing', /Start a keychain service such as GNOME Keyring/],
    ['token refused', /Enter a new one under Connection/],
    ['token missing', /Enter one under Connection/],
    ['certificate rejected', /gateway\.tls\.ca_cert_path/],
    ['waiting', /Check your network and the address/],
    ['degraded', /Set gateway\.tls\.verify to true/],
    ['config broken', /The last good settings stay in use/],
  ];

  it.each(nextSteps)('is said when %s', async (name, step) => {
    await openWindow(sampleSituations[name]);
    expect(screen.getByText(step)).toBeDefined();
  });

  it('leads to the page that solves it', async () => {
    const { user } = await openWindow(sampleSituations['token refused']);
    await user.click(screen.getByRole('button', { name: 'Open Connection' }));
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Connection');
  });

  it('shows the line of a broken settings file', async () => {
    await openWindow(sampleSituations['config broken']);
    expect(screen.getByText(/Line 7, gateway\.tls\.verfy: Unknown key/)).toBeDefined();
  });
});

describe('the facts of the connection', () => {
  it('tell address, TLS, certificate and where the credential comes from', async () => {
    await openWindow(sampleSituations.connected);
    const facts = within(screen.getByRole('region', { name: 'This connection' }));
    for (const text of [
      'wss://gateway.example.com:8443/mcp',
      'TLS 1.3',
      'TLS_AES_256_GCM_SHA384',
      'gateway.example.com',
      'Issued by Example Trust Services R3',
      'Token in the keychain, entry "gateway-token"',
    ]) {
      expect(facts.getByText(text)).toBeDefined();
    }
  });

  it('say plainly when nothing is encrypted, when nothing was verified and when a certificate is over', async () => {
    const { router } = await openWindow(sampleSituations.connected);
    const { keeper } = sampleSituations.connected.router;
    if (keeper.name !== 'connected' || keeper.tls === null)
      throw new Error('the sample is connected with TLS');
    const { tls } = keeper;
    act(() => router.show(withRouter(sampleSituations.connected, { keeper: { ...keeper, tls: null } })));
    expect(screen.getByText(/a plain connection/)).toBeDefined();
    const bad = { ...tls, isVerified: false, validTo: '2020-01-01T00:00:00.000Z' };
    act(() => router.show(withRouter(sampleSituations.connected, { keeper: { ...keeper, tls: bad } })));
    expect(screen.getByText('Not verified')).toBeDefined();
    expect(screen.getByText(/^Expired on/)).toBeDefined();
  });
});

describe('the attached clients', () => {
  const summary = (): string => screen.getByRole('region', { name: 'Attached clients' }).textContent;

  it('are counted, with who is busy', async () => {
    await openWindow(sampleSituations['attached clients']);
    expect(summary()).toContain('2 clients are attached');
    expect(summary()).toContain(
      'Busy: Claude Code (2 under way), A client that has not said its name (3 under way)',
    );
  });

  it('lead to the page with the rest', async () => {
    const { user } = await openWindow(sampleSituations.connected);
    expect(summary()).toContain('No client is attached');
    await user.click(screen.getByRole('button', { name: 'Open Clients' }));
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Clients');
  });
});

describe('the charts', () => {
  const openWith = async (report: TrafficReport): Promise<void> => {
    await openWindow(sampleSituations['attached clients'], (bridge) => bridge, {
      traffic: { 'traffic.get': () => Promise.resolve(report) },
    });
  };

  it('say in words what they show', async () => {
    await openWith(sampleBusyTraffic(Date.now()));
    const rate = await screen.findByRole('img', { name: /^Requests: .* a second now\. Between 0 and/ });
    expect(rate.querySelector('path')?.getAttribute('d')).toMatch(/^M0 44V/);
    expect(screen.getByText(/requests, 3 failed$/)).toBeDefined();
    expect(
      screen.getByRole('img', {
        name: 'Answer time: half of the answers within 12 ms, 95 % within 41 ms. Median between 8 ms and 16 ms.',
      }),
    ).toBeDefined();
    expect(screen.getByText('Running for 3 h 12 min')).toBeDefined();
  });

  it('say when nobody asked anything yet, and when it has been quiet', async () => {
    await openWindow(sampleSituations.connected);
    expect(await screen.findByText('No requests yet')).toBeDefined();
    cleanup();
    await openWith(sampleTraffic);
    expect(await screen.findByText('No requests in the last 5 minutes')).toBeDefined();
  });
});

describe('the buttons', () => {
  it.each([
    ['disconnected', 'Connect', 'connect'],
    ['waiting', 'Try again', 'connect'],
    ['connected', 'Disconnect', 'disconnect'],
  ] as const)('when %s, "%s" calls the router', async (name, button, call) => {
    const { router, user } = await openWindow(sampleSituations[name]);
    await user.click(screen.getByRole('button', { name: button }));
    expect(router.calls).toEqual([call]);
  });

  it('say what went wrong', async () => {
    const { user } = await openWindow(sampleSituations.disconnected, (bridge) => ({
      ...bridge,
      'gateway.connect': () =>
        Promise.resolve({ ok: false, code: 'config-invalid', message: 'Line 3 is wrong.' }),
    }));
    await user.click(screen.getByRole('button', { name: 'Connect' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Line 3 is wrong.');
  });

  it('say so when the call itself fails', async () => {
    const { user } = await openWindow(sampleSituations.disconnected, (bridge) => ({
      ...bridge,
      'gateway.connect': () => Promise.reject(new Error('internal')),
    }));
    await user.click(screen.getByRole('button', { name: 'Connect' }));
    expect((await screen.findByRole('alert')).textContent).toContain('MCP Router failed');
  });
});
