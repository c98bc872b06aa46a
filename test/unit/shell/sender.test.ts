import { describe, expect, it } from 'vitest';
import { APP_ORIGIN } from '../../../src/main/app-protocol';
import { isTrustedSender } from '../../../src/main/ipc/sender';
import type { IpcSender } from '../../../src/main/ipc/sender';

const trusted = { contentsId: 7, origin: APP_ORIGIN };
const ours: IpcSender = { contentsId: 7, frame: { origin: APP_ORIGIN, isMainFrame: true } };

describe('isTrustedSender', () => {
  it('trusts the main frame of our window on our origin', () => {
    expect(isTrustedSender(ours, trusted)).toBe(true);
  });

  it.each<[string, IpcSender]>([
    ['another page', { ...ours, contentsId: 8 }],
    ['a frame inside our page', { ...ours, frame: { origin: APP_ORIGIN, isMainFrame: false } }],
    [
      'another origin in our window',
      { ...ours, frame: { origin: 'https://evil.example', isMainFrame: true } },
    ],
    ['a file in our window', { ...ours, frame: { origin: 'file://', isMainFrame: true } }],
    [
      'an origin that only begins like ours',
      { ...ours, frame: { origin: `${APP_ORIGIN}.evil`, isMainFrame: true } },
    ],
    ['an opaque origin', { ...ours, frame: { origin: 'null', isMainFrame: true } }],
    ['a frame that is gone', { ...ours, frame: null }],
  ])('rejects %s', (_name, sender) => {
    expect(isTrustedSender(sender, trusted)).toBe(false);
  });

  it('rejects everybody while no window is open', () => {
    expect(isTrustedSender(ours, { ...trusted, contentsId: null })).toBe(false);
  });
});
