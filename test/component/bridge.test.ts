import { describe, expect, it } from 'vitest';
import { codeOf, createRouterStore, mergeEvents } from '../../src/renderer/bridge';
import type { AppStatus } from '../../src/shared/ipc/contract';
import { createFakeDesktopRouter, sampleSituations, withRouter } from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';
import { bridgeTo } from './window';

const at = (revision: number, status: AppStatus = sampleSituations.connected): AppStatus =>
  withRouter(status, { revision });

describe('createRouterStore', () => {
  it('listens only while somebody looks', () => {
    const router = createFakeDesktopRouter();
    let listening = 0;
    const bridge = bridgeTo(router);
    const store = createRouterStore({
      ...bridge,
      'status.changed': (listener) => {
        const stop = bridge['status.changed'](listener);
        listening += 1;
        return () => {
          listening -= 1;
          stop();
        };
      },
    });
    const first = store.subscribe(() => undefined);
    const second = store.subscribe(() => undefined);
    expect(listening).toBe(1);
    first();
    first();
    expect(listening).toBe(1);
    second();
    expect(listening).toBe(0);
  });

  it('keeps what is newer when the first answer comes late', async () => {
    const router = createFakeDesktopRouter(at(1, sampleSituations.connecting));
    const bridge = bridgeTo(router);
    const late = at(1, sampleSituations.connecting);
    let answer = (_status: AppStatus): void => undefined;
    const store = createRouterStore({
      ...bridge,
      'status.get': () => new Promise((resolve) => (answer = resolve)),
    });
    store.subscribe(() => undefined);
    router.show(sampleSituations.connected);
    answer(late);
    await expect.poll(() => store.snapshot().kind).toBe('ready');
    const snapshot = store.snapshot();
    expect(snapshot.kind === 'ready' && snapshot.status.router.shown).toBe('connected');
  });

  it('turns every failure of a command into a result', async () => {
    const bridge = bridgeTo(createFakeDesktopRouter());
    const store = createRouterStore({
      ...bridge,
      'connection.save': () => Promise.reject(new Error('ipc-payload-rejected')),
    });
    expect(await store.saveConnection({ url: '' })).toMatchObject({
      ok: false,
      code: 'ipc-payload-rejected',
    });
    expect(await store.connect()).toEqual({ ok: true });
  });

  it('takes what happened before the window opened', async () => {
    const router = createFakeDesktopRouter();
    router.tell(sampleEvents);
    const store = createRouterStore(bridgeTo(router));
    store.subscribe(() => undefined);
    await expect
      .poll(() => {
        const snapshot = store.snapshot();
        return snapshot.kind === 'ready' ? snapshot.events.length : 0;
      })
      .toBe(sampleEvents.length);
  });
});

describe('mergeEvents', () => {
  it('neither repeats nor reorders', () => {
    const late = sampleEvents.slice(3);
    expect(mergeEvents(late, sampleEvents.slice(0, 6))).toEqual(sampleEvents);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 700 }, (_, index) => ({
      kind: 'engine-started' as const,
      sequence: index,
      at: 0,
    }));
    const merged = mergeEvents([], many);
    expect(merged).toHaveLength(500);
    expect(merged.at(-1)?.sequence).toBe(699);
  });
});

describe('codeOf', () => {
  it('knows the codes of the table and nothing else', () => {
    expect(codeOf(new Error('keychain-locked'))).toBe('keychain-locked');
    expect(codeOf(new Error('toString'))).toBe('internal');
    expect(codeOf(new Error('Something else'))).toBe('internal');
    expect(codeOf('keychain-locked')).toBe('internal');
  });
});
