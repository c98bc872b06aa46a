import type { IpcMainInvokeEvent } from 'electron';
import { describe, expect, it } from 'vitest';
import { createHandlers } from '../../../src/main/ipc/handlers';
import { answerCall, callChannels, registerIpc } from '../../../src/main/ipc/register';
import type { IpcSender } from '../../../src/main/ipc/sender';
import { contract } from '../../../src/shared/ipc/contract';
import { RouterError } from '../../../src/shared/model/errors';
import { createFakeDesktopRouter, sampleSituations } from '../../support/fake-desktop-router';
import { samplePreferences } from '../../support/sample-pages';

type Listener = (event: IpcMainInvokeEvent, ...input: unknown[]) => unknown;

function setUp(options: { readonly isTrusted?: (sender: IpcSender) => boolean } = {}) {
  const router = createFakeDesktopRouter(sampleSituations.connected);
  const listeners = new Map<string, Listener>();
  const bugs: unknown[] = [];
  registerIpc({
    ipcMain: { handle: (channel, listener) => void listeners.set(channel, listener) },
    handlers: createHandlers(router, samplePreferences),
    isTrusted: options.isTrusted ?? (() => true),
    onBug: (error) => bugs.push(error),
  });
  return { router, listeners, bugs };
}

/** The parts of Electron's event that are looked at. */
const eventFrom = (frame: { origin: string; parent: unknown } | null): IpcMainInvokeEvent =>
  ({ sender: { id: 3 }, senderFrame: frame }) as unknown as IpcMainInvokeEvent; // a real one needs a real page

describe('registerIpc', () => {
  it('registers every query and command of the contract, and no event', () => {
    const calls = Object.entries(contract).filter(([, { kind }]) => kind !== 'event');
    expect([...setUp().listeners.keys()].sort()).toEqual(calls.map(([channel]) => channel).sort());
  });

  it('looks at the sender that Electron reports', async () => {
    const seen: IpcSender[] = [];
    const { listeners } = setUp({ isTrusted: (sender) => seen.push(sender) < 0 });
    const event = eventFrom({ origin: 'app://router', parent: {} });
    await listeners.get('status.get')?.(event);
    await listeners.get('status.get')?.(eventFrom(null));
    expect(seen).toEqual([
      { contentsId: 3, frame: { origin: 'app://router', isMainFrame: false } },
      { contentsId: 3, frame: null },
    ]);
  });

  it('answers a trusted call with the value', async () => {
    const { router, listeners } = setUp();
    const event = eventFrom({ origin: 'app://router', parent: null });
    expect(await listeners.get('status.get')?.(event)).toEqual({ kind: 'value', value: router.appStatus() });
    const input = { url: 'wss://a.example' };
    expect(await listeners.get('connection.save')?.(event, input)).toEqual({
      kind: 'value',
      value: { ok: true },
    });
    expect(router.calls).toEqual(['save wss://a.example']);
  });
});

describe('answerCall', () => {
  it.each(callChannels)('SEC-13 %s: an untrusted sender reaches no handler', async (channel) => {
    const { router } = setUp();
    const answers = { handlers: createHandlers(router, samplePreferences), onBug: () => undefined };
    const reply = await answerCall(channel, { isTrusted: false, input: [] }, answers);
    expect(reply).toEqual({ kind: 'error', code: 'ipc-sender-rejected' });
    expect(router.calls).toEqual([]);
  });

  it.each(callChannels)('SEC-13 %s: a wrong payload reaches no handler', async (channel) => {
    const { router } = setUp();
    const answers = { handlers: createHandlers(router, samplePreferences), onBug: () => undefined };
    const reply = await answerCall(channel, { isTrusted: true, input: [{ surprise: 1 }] }, answers);
    expect(reply).toEqual({ kind: 'error', code: 'ipc-payload-rejected' });
    expect(router.calls).toEqual([]);
  });

  const failingWith = (error: unknown, bugs: unknown[]): Parameters<typeof answerCall>[2] => ({
    handlers: {
      ...createHandlers(createFakeDesktopRouter(), samplePreferences),
      'gateway.connect': () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
    },
    onBug: (bug) => bugs.push(bug),
  });

  it('passes the code of an expected error and nothing else of it', async () => {
    const bugs: unknown[] = [];
    const answers = failingWith(new RouterError('keychain-locked', 'private detail'), bugs);
    const reply = await answerCall('gateway.connect', { isTrusted: true, input: [] }, answers);
    expect(reply).toEqual({ kind: 'error', code: 'keychain-locked' });
    expect(bugs).toEqual([]);
  });

  it('answers a bug as internal and reports it', async () => {
    const bugs: unknown[] = [];
    const bug = new TypeError('cannot read the token sk-1234');
    const reply = await answerCall('gateway.connect', { isTrusted: true, input: [] }, failingWith(bug, bugs));
    expect(reply).toEqual({ kind: 'error', code: 'internal' });
    expect(bugs).toEqual([bug]);
  });
});
