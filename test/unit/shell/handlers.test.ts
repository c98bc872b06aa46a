import { describe, expect, it } from 'vitest';
import { createHandlers } from '../../../src/main/ipc/handlers';
import { pushEvents } from '../../../src/main/ipc/push';
import { createFakeDesktopRouter, samplePosture, sampleSituations } from '../../support/fake-desktop-router';
import { samplePreferences } from '../../support/sample-pages';
import { sampleEvents } from '../../support/sample-events';

describe('createHandlers', () => {
  it('asks the router for what the window asks', async () => {
    const router = createFakeDesktopRouter(sampleSituations.connected);
    router.tell(sampleEvents);
    const handlers = createHandlers(router, samplePreferences);
    expect(await handlers['status.get']()).toBe(router.appStatus());
    expect(await handlers['events.recent']()).toEqual(sampleEvents);
    expect(await handlers['connection.get']()).toEqual(await router.connectionSettings());
    await handlers['gateway.connect']();
    await handlers['gateway.disconnect']();
    await handlers['clients.disconnect']({ session: 's1' });
    await handlers['clients.block']({ name: 'x' });
    await handlers['clients.unblock']({ name: 'x' });
    await handlers['connection.save']({ url: 'wss://a.example', token: 't' });
    await handlers['lockdown.enter']();
    await handlers['lockdown.release']({ word: 'release' });
    await handlers['security.make-private']();
    expect(await handlers['posture.get']()).toBe(samplePosture);
    expect(router.calls).toEqual([
      'connect',
      'disconnect',
      'disconnect s1',
      'block x',
      'unblock x',
      'save wss://a.example',
      'lock down by window',
      'release with release',
      'read changes',
    ]);
  });
});

describe('pushEvents', () => {
  it('forwards status and events until it is stopped', () => {
    const router = createFakeDesktopRouter();
    const pushed: string[] = [];
    const stop = pushEvents(router, (channel) => pushed.push(channel));
    router.show(sampleSituations.connected);
    router.tell(sampleEvents);
    stop();
    router.show(sampleSituations.disconnected);
    router.tell(sampleEvents);
    expect(pushed).toEqual(['status.changed', 'events.added']);
  });
});
