import type { PowerMonitor } from 'electron';
import type { DesktopRouter } from './desktop-router';

/** What a machine that slept, or was locked, needs of the router. */
export function followPower(
  powerMonitor: Pick<PowerMonitor, 'on'>,
  router: Pick<DesktopRouter, 'wake' | 'connect' | 'appStatus'>,
  onBug: (error: unknown) => void,
): void {
  powerMonitor.on('resume', () => void router.wake().catch(onBug));
  // Desktops unlock the keychain together with the screen.
  powerMonitor.on('unlock-screen', () => {
    const { isSwitchedOn, cause } = router.appStatus().router;
    if (isSwitchedOn && cause?.code.startsWith('keychain-') === true) void router.connect().catch(onBug);
  });
}
