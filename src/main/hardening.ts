import type { App, Session, WebContents } from 'electron';
import { APP_ORIGIN, APP_PAGE } from './app-protocol';

/** Command-line switches that open the running app to another program. */
const debugSwitches = [
  'inspect',
  'inspect-brk',
  'inspect-brk-node',
  'inspect-port',
  'inspect-wait',
  'remote-debugging-address',
  'remote-debugging-pipe',
  'remote-debugging-port',
  'remote-allow-origins',
  'disable-web-security',
  'load-extension',
  'no-sandbox',
  'renderer-cmd-prefix',
  'gpu-launcher',
  'utility-cmd-prefix',
  'js-flags',
] as const;

/** The debugging switches that this start was given. */
export function findDebugSwitches(hasSwitch: (name: string) => boolean): readonly string[] {
  return debugSwitches.filter((name) => hasSwitch(name));
}

/**
 * The switches because of which the packed app must not start.
 * @param start.isInspectable the fuse that allows inspection is on: a build made for tests, which gives nothing
 *   more away by obeying. In what we ship the fuse is off.
 */
export function refusedSwitches(start: {
  readonly isPackaged: boolean;
  readonly isInspectable: boolean;
  readonly found: readonly string[];
}): readonly string[] {
  return start.isPackaged && !start.isInspectable ? start.found : [];
}

/** True for requests that a page may make: the files of our own protocol, and the developer tools from source. */
export function isAllowedRequest(url: string, isPackaged: boolean): boolean {
  return url.startsWith(`${APP_ORIGIN}/`) || (!isPackaged && url.startsWith('devtools://devtools/'));
}

/** True for the one address the window may show. */
export function isAllowedNavigation(url: string): boolean {
  // What follows the # names a page within the document.
  return url.split('#', 1)[0] === APP_PAGE;
}

/** Takes away what the window never needs, so that a malicious dependency in it cannot use it either. */
export function hardenSession(session: Session, isPackaged: boolean): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !isAllowedRequest(url, isPackaged) }),
  );
}

/** Nails a page to its place: no navigation, no new windows, no embedded pages. */
export function hardenContents(contents: WebContents): void {
  const refuse = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isAllowedNavigation(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Applies the hardening to every session and page that will ever exist. Call before the app is ready. */
export function hardenApp(app: App): void {
  // Only a start from source can get here with the switch: root in a container has no sandbox to enable.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.on('session-created', (session) => hardenSession(session, app.isPackaged));
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
}
