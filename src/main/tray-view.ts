import type { AppStatus } from '../shared/ipc/contract';
import { errorTable } from '../shared/model/errors';
import { shownStateWords } from '../shared/model/shown-state';
import type { LoginItem } from '../shared/model/preferences';
import type { ShownState } from '../shared/model/status';
import { setup, switchActions } from '../shared/model/switch-action';
import type { SwitchAction } from '../shared/model/switch-action';

/** What a menu item does when it is chosen. */
export type TrayAction =
  'connect' | 'disconnect' | 'rotate-token' | 'lock-down' | 'toggle-login-item' | 'open-window' | 'quit';

/** One line of the tray's menu. */
export type TrayItem =
  | { readonly kind: 'label'; readonly text: string }
  | { readonly kind: 'separator' }
  | { readonly kind: 'action'; readonly text: string; readonly action: TrayAction }
  | { readonly kind: 'check'; readonly text: string; readonly action: TrayAction; readonly isOn: boolean };

/** Everything the tray shows; a pure function of the status. */
export interface TrayView {
  /** Name of the icon in assets/tray. */
  readonly icon: ShownState;
  readonly tooltip: string;
  readonly menu: readonly TrayItem[];
}

const action = (text: string, name: TrayAction): TrayItem => ({ kind: 'action', text, action: name });
const separator: TrayItem = { kind: 'separator' };

const switchItems: Readonly<Record<SwitchAction, TrayItem>> = {
  'set-up': action('Set up...', 'open-window'),
  connect: action('Connect', 'connect'),
  'try-again': action('Try again now', 'connect'),
  disconnect: action('Disconnect', 'disconnect'),
};

/** The host of the gateway's address, which is all of it that fits a menu; empty before one is known. */
function gatewayHost(url: string | null): string {
  return url === null || !URL.canParse(url) ? '' : new URL(url).host;
}

const firstSentence = (text: string): string => text.split('. ')[0]?.replace(/\.$/, '') ?? text;

/** The state in one line: the word, and the gateway or the reason. */
function stateLine(status: AppStatus): string {
  const { router } = status;
  const word = shownStateWords[router.shown];
  const progress = setup(status);
  if (progress !== 'done' && router.shown === 'locked') return word;
  if (progress === 'missing') return 'Not set up yet';
  if (progress === 'broken') return 'The settings file has a mistake';
  if (router.cause !== null && router.shown !== 'connected') {
    return `${word}: ${firstSentence(errorTable[router.cause.code].text)}`;
  }
  const host = gatewayHost(router.gatewayUrl);
  if (host === '' || router.shown === 'disconnected') return word;
  return `${word} ${router.shown === 'connected' || router.shown === 'connecting' ? 'to ' : '- '}${host}`;
}

/** Only where there is a token that this program may replace. */
function rotationItems(status: AppStatus): readonly TrayItem[] {
  const { credential, shown } = status.router;
  const isOurs = credential?.source === 'keychain' || credential?.source === 'file';
  if (!isOurs || setup(status) !== 'done' || status.isDemo || shown === 'locked') return [];
  return [action('Rotate token...', 'rotate-token')];
}

/** Locking down is one click; ending it is deliberate, and the window asks. */
function lockdownItems(status: AppStatus): readonly TrayItem[] {
  if (status.router.shown === 'locked') return [action('End the lockdown...', 'open-window')];
  return setup(status) !== 'done' || status.isDemo ? [] : [action('Lock down', 'lock-down')];
}

/** Left out where the desktop cannot do it; the window says why. */
function loginItems(login: LoginItem, isDemo: boolean): readonly TrayItem[] {
  if (login.kind === 'unavailable' || isDemo) return [];
  return [{ kind: 'check', text: 'Start at login', action: 'toggle-login-item', isOn: login.kind === 'on' }];
}

/**
 * Decides what the tray shows.
 *
 * @param formatTime gives a time of day in the person's own format
 */
export function trayView(
  status: AppStatus,
  login: LoginItem,
  formatTime: (epochMs: number) => string,
): TrayView {
  const line = stateLine(status);
  const demo = status.isDemo ? ' (demo)' : '';
  return {
    icon: status.router.shown,
    tooltip: `MCP Router${demo}\n${line}, since ${formatTime(status.router.shownSince)}`,
    menu: [
      { kind: 'label', text: line },
      separator,
      ...switchActions(status).map((name) => switchItems[name]),
      ...rotationItems(status),
      ...lockdownItems(status),
      action('Open MCP Router', 'open-window'),
      ...loginItems(login, status.isDemo),
      separator,
      action('Quit', 'quit'),
    ],
  };
}
