import { cleanup, screen } from '@testing-library/react';
import { afterEach } from 'vitest';
import type { DesktopPages } from '../../src/main/desktop-pages';
import type { AppStatus, RouterBridge } from '../../src/shared/ipc/contract';
import type { PosturePoint, PostureReport } from '../../src/shared/model/posture';
import { SAMPLE_NOW, sampleSituations, withRouter } from '../support/fake-desktop-router';
import { samplePages } from '../support/sample-pages';
import type { TestWindow } from './window';
import { openWindow } from './window';

afterEach(cleanup);

export async function openSecurity(
  status: AppStatus = sampleSituations.connected,
  change?: (bridge: RouterBridge) => RouterBridge,
  pages: Partial<DesktopPages> = {},
): Promise<TestWindow> {
  const opened = await openWindow(status, change, pages);
  await opened.user.click(screen.getByRole('button', { name: 'Security' }));
  return opened;
}

export const locked = withRouter(sampleSituations.locked, {
  lockdown: { since: SAMPLE_NOW, by: 'command', problem: null },
});
export const withSecurity = (more: Partial<DesktopPages['security']>): Partial<DesktopPages> => ({
  security: { ...samplePages.security, ...more },
});
export const withPosture =
  (answer: () => Promise<PostureReport>) =>
  (bridge: RouterBridge): RouterBridge => ({ ...bridge, 'posture.get': answer });
export const reported = (...points: readonly PosturePoint[]): Promise<PostureReport> =>
  Promise.resolve({ kind: 'evaluated', points });
export const button = (name: string): HTMLElement => screen.getByRole('button', { name });
export const headingOf = (name: string): Promise<HTMLElement> =>
  screen.findByRole('heading', { level: 1, name });
