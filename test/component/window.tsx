import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import type { ReactElement } from 'react';
import type { DesktopPages } from '../../src/main/desktop-pages';
import { createHandlers } from '../../src/main/ipc/handlers';
import { App } from '../../src/renderer/app';
import { createRouterStore } from '../../src/renderer/bridge';
import { theme } from '../../src/renderer/theme';
import type { HandlersOf } from '../../src/shared/ipc/call';
import {
  contract,
  type AppStatus,
  type EventChannel,
  type RouterBridge,
} from '../../src/shared/ipc/contract';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';
import type { FakeDesktopRouter } from '../support/fake-desktop-router';
import { createFakeDesktopRouter } from '../support/fake-desktop-router';
import { samplePreferences } from '../support/sample-pages';

/** What jsdom does not have and the component library asks for. */
function completeBrowser(): void {
  window.matchMedia = (media) => {
    const list = Object.assign(new EventTarget(), { media, matches: false, onchange: null });
    return list as unknown as MediaQueryList; // all but its two deprecated members
  };
  HTMLCanvasElement.prototype.getContext = () => null;
  window.ResizeObserver = class {
    observe(): void {
      return;
    }
    unobserve(): void {
      return;
    }
    disconnect(): void {
      return;
    }
  };
}

type EventFaces = Pick<RouterBridge, EventChannel>;

/** The bridge that preload would build, straight onto a router in this process. */
export function bridgeTo(
  router: FakeDesktopRouter,
  preferences: HandlersOf<typeof preferenceCalls> = samplePreferences,
): RouterBridge {
  /** What main tells by itself, out of the fake router. */
  const announced =
    (channel: string) =>
    (listener: (payload: never) => void): (() => void) =>
      router.onAnnouncement((name, payload) => {
        if (name === channel) listener(payload as never); // the payload of that channel
      });
  const told = Object.entries(contract).flatMap(([name, { kind }]) => (kind === 'event' ? [name] : []));
  return {
    ...createHandlers(router, preferences),
    ...(Object.fromEntries(told.map((name) => [name, announced(name)])) as unknown as EventFaces), // one for each of those names
    'status.changed': (listener) => router.onStatus(listener),
    'events.added': (listener) => router.onEvents(listener),
    'audit.progress': (listener) =>
      router.onAnnouncement((channel, payload) => {
        if (channel === 'audit.progress') listener(payload as Parameters<typeof listener>[0]); // the payload of that channel
      }),
  };
}

/** Draws with the theme of the window and without its transitions. */
export function draw(element: ReactElement): HTMLElement {
  completeBrowser();
  return render(
    <MantineProvider theme={theme} env="test">
      {element}
    </MantineProvider>,
  ).container;
}

/** The whole window on a router that the test owns. */
export interface TestWindow {
  readonly router: FakeDesktopRouter;
  readonly user: UserEvent;
  readonly container: HTMLElement;
}

/** Opens the window; `change` may replace parts of the bridge. */
export async function openWindow(
  status: AppStatus,
  change: (bridge: RouterBridge) => RouterBridge = (bridge) => bridge,
  pages: Partial<DesktopPages> = {},
): Promise<TestWindow> {
  const router = createFakeDesktopRouter(status, pages);
  const container = draw(<App store={createRouterStore(change(bridgeTo(router)))} />);
  await screen.findByRole('heading', { level: 1 });
  return { router, user: userEvent.setup(), container };
}

/** What an accessibility checker finds; contrast is checked in the real window, where there are colours. */
export async function accessibilityProblems(container: HTMLElement): Promise<readonly string[]> {
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
