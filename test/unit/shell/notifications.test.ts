import { EventEmitter } from 'node:events';
import type { Notification } from 'electron';
import { describe, expect, it } from 'vitest';
import { noticeOf, notifyOfEvents } from '../../../src/main/notifications';
import { alertRules, alertTexts } from '../../../src/shared/model/alerts';
import type { RouterEvent } from '../../../src/shared/model/events';
import { sampleEvents } from '../../support/sample-events';

const alert = (rule: (typeof alertRules)[number]): RouterEvent => ({
  kind: 'alert-raised',
  rule,
  count: 5,
  sequence: 1,
  at: 0,
});

function setUp(isSupported = true) {
  const shown: { title?: string; body?: string; emitter: EventEmitter }[] = [];
  class FakeNotification extends EventEmitter {
    static isSupported = () => isSupported;
    constructor(private readonly notice: { title?: string; body?: string }) {
      super();
    }
    show(): void {
      shown.push({ ...this.notice, emitter: this });
    }
  }
  let tell: (events: readonly RouterEvent[]) => void = () => undefined;
  let windows = 0;
  const onEvents = (listener: typeof tell) => {
    tell = listener;
    return () => undefined;
  };
  notifyOfEvents(
    { onEvents },
    {
      Notification: FakeNotification as unknown as typeof Notification, // the rest of the real one is not looked at
      showWindow: () => (windows += 1),
    },
  );
  return { shown, tell: (events: readonly RouterEvent[]) => tell(events), windows: () => windows };
}

describe('SEC-98 notifications', () => {
  it.each(alertRules)('tell of an alert of %s what happened and what to do', (rule) => {
    const { shown, tell } = setUp();
    tell([alert(rule)]);
    const { text, action } = alertTexts[rule];
    expect(shown).toMatchObject([{ title: `MCP Router: ${text}`, body: action }]);
  });

  it('are for alerts alone', () => {
    const others = sampleEvents.filter(({ kind }) => kind !== 'alert-raised');
    expect(others.map(noticeOf).filter((notice) => notice !== null)).toEqual([]);
  });

  it('open the window when they are clicked', () => {
    const { shown, tell, windows } = setUp();
    tell([alert('auth_failures')]);
    shown[0]?.emitter.emit('click');
    expect(windows()).toBe(1);
  });

  it('are left out where the desktop has none', () => {
    const { shown, tell } = setUp(false);
    tell([alert('auth_failures')]);
    expect(shown).toEqual([]);
  });
});
