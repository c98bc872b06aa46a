import type { AppStatus } from '../shared/ipc/contract';
import { assertNever } from '../shared/model/errors';
import { shownStateWords } from '../shared/model/shown-state';
import type { ShownState } from '../shared/model/status';
import { setup } from '../shared/model/switch-action';
import { texts } from './texts';
import { durationWords, secondsUntil } from './time-words';

/** What the status card says at a glance. */
export interface Headline {
  readonly title: string;
  readonly text: string;
}

/** The colour family of each state; the shape says the same without colour. */
export const stateTone: Readonly<
  Record<ShownState, 'good' | 'busy' | 'warning' | 'danger' | 'idle' | 'sealed'>
> = {
  connected: 'good',
  connecting: 'busy',
  degraded: 'warning',
  failed: 'danger',
  disconnected: 'idle',
  locked: 'sealed',
};

/** The host of an address; the address itself when it has none. */
export function hostOf(url: string | null): string {
  if (url === null) return '';
  return URL.canParse(url) ? new URL(url).host : url;
}

function connectingText({ keeper, gatewayUrl }: AppStatus['router'], nowMs: number): string {
  const words = texts.headline;
  if (keeper.name === 'waiting') {
    const seconds = secondsUntil(keeper.retryAt, nowMs);
    const next = seconds === 0 ? words.waitingNow : words.waiting(durationWords(seconds * 1000));
    return `${next} (${words.attempt(keeper.attempt)})`;
  }
  if (keeper.name === 'closing') return words.closingText;
  const text = words.connectingText(hostOf(gatewayUrl));
  return keeper.name === 'connecting' && keeper.attempt > 1
    ? `${text} (${words.attempt(keeper.attempt)})`
    : text;
}

/** The words of the status card at a moment. */
export function headlineOf(status: AppStatus, nowMs: number): Headline {
  const { router } = status;
  const words = texts.headline;
  const host = hostOf(router.gatewayUrl);
  const title = shownStateWords[router.shown];
  const progress = setup(status);
  if (router.shown === 'locked') return { title, text: words.lockedText };
  if (progress === 'missing') return { title: words.notSetUp, text: words.notSetUpText };
  if (progress === 'broken') return { title, text: words.brokenText };
  switch (router.shown) {
    case 'disconnected':
      return { title, text: words.disconnectedText };
    case 'connecting':
      return { title, text: connectingText(router, nowMs) };
    case 'connected':
      return { title, text: words.connectedText(host, durationWords(nowMs - router.shownSince)) };
    case 'degraded':
      return { title, text: words.degradedText(host) };
    case 'failed':
      return { title, text: words.failedText };
    default:
      return assertNever(router.shown);
  }
}
