import { EventEmitter } from 'node:events';
import type { Notification } from 'electron';
import { describe, expect, it } from 'vitest';
import { nextNotice, noMemory, type Notice } from '../../../src/main/notices';
import { notifyOfEvents } from '../../../src/main/notifications';
import { alertRules, alertTexts } from '../../../src/shared/model/alerts';
import { KEEPER_LANE, type RouterEvent, type RouterFact } from '../../../src/shared/model/events';
import type { notificationChoices } from '../../../src/shared/model/preferences';
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
  const pages: string[] = [];
  const onEvents = (listener: typeof tell) => {
    tell = listener;
    return () => undefined;
  };
  notifyOfEvents(
    { onEvents },
    {
      Notification: FakeNotification as unknown as typeof Notification, // the rest of the real one is not looked at
      showPage: (page) => pages.push(page),
      choice: () => 'all',
      now: () => 0,
    },
  );
  return { shown, tell: (events: readonly RouterEvent[]) => tell(events), pages };
}

describe('SEC-98 notifications', () => {
  it.each(alertRules)('tell of an alert of %s what happened and what to do', (rule) => {
    const { shown, tell } = setUp();
    tell([alert(rule)]);
    const { text, action } = alertTexts[rule];
    expect(shown).toMatchObject([{ title: `MCP Router: ${text}`, body: action }]);
  });

  it('open the page of what happened when they are clicked', () => {
    const { shown, tell, pages } = setUp();
    tell([alert('auth_failures')]);
    shown[0]?.emitter.emit('click');
    expect(pages).toEqual(['activity']);
  });

  it('are left out where the desktop has none', () => {
    const { shown, tell } = setUp(false);
    tell([alert('auth_failures')]);
    expect(shown).toEqual([]);
  });
});

const event = (fact: RouterFact, at = 0): RouterEvent => ({ ...fact, sequence: 1, at });
const failed = (lane = KEEPER_LANE): RouterEvent =>
  event({ kind: 'connection-changed', lane, from: 'connecting', to: 'failed' });
const refusal = (code: 'auth-failed' | 'sign-in-needed', lane = KEEPER_LANE): RouterEvent =>
  event({ kind: 'auth-failed', lane, code, detail: '' });
const ageing = (name: string): RouterEvent =>
  event({ kind: 'credential-ageing', what: 'token', name, days: 91 });

/** What a person is told of these, one after the other. */
function told(
  steps: readonly (readonly [RouterEvent, number])[],
  choice: (typeof notificationChoices)[number] = 'all',
): readonly Notice[] {
  let memory = noMemory;
  return steps.flatMap(([one, now]) => {
    const next = nextNotice(one, memory, { choice, now });
    memory = next.memory;
    return next.notice === null ? [] : [next.notice];
  });
}

describe('what is told', () => {
  it('is why the router gave up, and leads to the page that helps', () => {
    expect(
      told([
        [refusal('sign-in-needed'), 0],
        [failed(), 0],
      ]),
    ).toEqual([
      {
        title: 'MCP Router: not connected',
        body: expect.stringMatching(/sign/i) as unknown, // a matcher is of type any
        page: 'credentials',
      },
    ]);
    const broken = event({
      kind: 'certificate-rejected',
      lane: KEEPER_LANE,
      code: 'certificate-rejected',
      detail: '',
    });
    expect(
      told([
        [broken, 0],
        [failed(), 0],
      ])[0]?.page,
    ).toBe('overview');
  });

  it('is nothing about the lane of one client', () => {
    expect(
      told([
        [refusal('auth-failed', 's1'), 0],
        [failed('s1'), 0],
      ]),
    ).toEqual([]);
  });

  it.each([
    [{ kind: 'certificate-expiring', whose: 'client', daysLeft: 7 }, 'expires within 7 days', 'credentials'],
    [{ kind: 'certificate-expiring', whose: 'gateway', daysLeft: 1 }, 'expires within 1 day', 'overview'],
    [{ kind: 'certificate-expiring', whose: 'gateway', daysLeft: 0 }, 'has expired', 'overview'],
  ] as const)('is %j', (fact, words, page) => {
    const notices = told([[event({ ...fact, subject: 'x', validTo: '2026-01-01' }), 0]]);
    expect(notices.map((notice) => notice.page)).toEqual([page]);
    expect(notices[0]?.title).toContain(words);
  });

  it('is a credential that is old or went back', () => {
    const back = event({ kind: 'credential-rolled-back', what: 'client-secret', name: 'robot' });
    expect(
      told([
        [ageing('gateway'), 0],
        [back, 0],
      ]).map(({ title, body }) => `${title} ${body}`),
    ).toEqual([
      'MCP Router: a token is 91 days old "gateway" should be rotated.',
      'MCP Router: the new client secret was refused The old one of "robot" is in use again.',
    ]);
  });

  it('is nothing else', () => {
    const quiet = sampleEvents.filter(({ kind }) => kind !== 'alert-raised' && kind !== 'connection-changed');
    const worth = ['certificate-expiring', 'credential-ageing', 'credential-rolled-back'];
    expect(told(quiet.filter(({ kind }) => !worth.includes(kind)).map((one) => [one, 0]))).toEqual([]);
  });

  it('is what the person wants', () => {
    const steps = [
      [alert('auth_failures'), 0],
      [ageing('gateway'), 0],
    ] as const;
    expect(told(steps, 'alerts')).toHaveLength(1);
    expect(told(steps, 'none')).toEqual([]);
  });

  it('is not told again within half an hour', () => {
    const minute = 60_000;
    const times = [0, 10 * minute, 29 * minute, 31 * minute];
    expect(told(times.map((at) => [alert('auth_failures'), at]))).toHaveLength(2);
  });

  it('is at most six an hour, and is not silenced by a clock that was set back', () => {
    const minute = 60_000;
    const names = Array.from({ length: 10 }, (_each, index) => `token-${index}`);
    const many = names.map(
      (name, index) =>
        [event({ kind: 'credential-ageing', what: 'token', name, days: index + 2 }), 600 * minute] as const,
    );
    expect(told(many)).toHaveLength(6);
    expect(told([...many, [alert('auth_failures'), 0]])).toHaveLength(7);
  });
});
