import { act, cleanup, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { App } from '../../src/renderer/app';
import { createRouterStore } from '../../src/renderer/bridge';
import { pageAt } from '../../src/shared/model/page';
import { createFakeDesktopRouter, sampleSituations } from '../support/fake-desktop-router';
import { accessibilityProblems, bridgeTo, draw, openWindow } from './window';

afterEach(cleanup);

it('shows the page that main asks for', async () => {
  const { router } = await openWindow(sampleSituations.connected);
  act(() => router.announce('page.open', 'credentials'));
  expect(await screen.findByRole('heading', { level: 1, name: 'Credentials' })).toBeDefined();
});

it('reads the first page from the address of the document', () => {
  expect(pageAt('#credentials')).toBe('credentials');
  expect(pageAt('#elsewhere')).toBe('overview');
});

describe('the window', () => {
  it('follows the state and tells a screen reader', async () => {
    const { router } = await openWindow(sampleSituations.connecting);
    // Cards that are still loading say so as well.
    const said = (): readonly string[] => screen.getAllByRole('status').map(({ textContent }) => textContent);
    expect(said()).toContain('Connecting: gateway.example.com:8443');
    act(() => router.show(sampleSituations.connected));
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Connected');
    expect(said()).toContain('Connected: gateway.example.com:8443');
  });

  it('is walked by keyboard, and the current page is marked', async () => {
    const { user } = await openWindow(sampleSituations.connected);
    await user.tab();
    expect(document.activeElement?.textContent).toBe('Overview');
    await user.tab();
    await user.keyboard('{Enter}');
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Activity');
    const pages = within(screen.getByRole('navigation', { name: 'Pages' })).getAllByRole('button');
    const current = pages.filter((page) => page.getAttribute('aria-current') === 'page');
    expect(current.map((page) => page.textContent)).toEqual(['Activity']);
  });

  it('marks the demo', async () => {
    await openWindow(sampleSituations.demo);
    expect(screen.getByText('Demo')).toBeDefined();
  });

  it('waits for the first answer', async () => {
    const router = createFakeDesktopRouter(sampleSituations.connected);
    let answer = (): void => undefined;
    const bridge = bridgeTo(router);
    const store = createRouterStore({
      ...bridge,
      'status.get': () =>
        new Promise((resolve) => {
          answer = () => resolve(router.appStatus());
        }),
    });
    const container = draw(<App store={store} />);
    expect(screen.getByRole('status').textContent).toBe('Asking the router...');
    expect(await accessibilityProblems(container)).toEqual([]);
    answer();
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Connected');
  });

  it('says when the router cannot be reached, and tries again', async () => {
    const router = createFakeDesktopRouter(sampleSituations.connected);
    const bridge = bridgeTo(router);
    let isBroken = true;
    const store = createRouterStore({
      ...bridge,
      'status.get': () => (isBroken ? Promise.reject(new Error('internal')) : bridge['status.get']()),
    });
    const container = draw(<App store={store} />);
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach the router');
    expect(await accessibilityProblems(container)).toEqual([]);
    isBroken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Connected');
  });
});
