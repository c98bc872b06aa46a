import { describe, expect, it } from 'vitest';
import { createLoginItems } from '../../../src/main/login-item';
import type { LoginItem } from '../../../src/shared/model/preferences';

/** A system that keeps login items by program and arguments (Windows) or one for the app (macOS). */
function fakeSystem(isObedient = true) {
  const kept = new Set<string>();
  const key = (settings: { path?: string; args?: string[] } = {}): string =>
    JSON.stringify([settings.path, settings.args]);
  const app = {
    getLoginItemSettings: (settings?: object) => ({ openAtLogin: kept.has(key(settings)) }),
    setLoginItemSettings: ({
      openAtLogin,
      ...rest
    }: {
      openAtLogin?: boolean;
      path?: string;
      args?: string[];
    }) => {
      if (!isObedient) return;
      if (openAtLogin === true) kept.add(key(rest));
      else kept.delete(key(rest));
    },
  };
  return { app: app as unknown as Parameters<typeof createLoginItems>[0], kept }; // the part that is used
}

const autostart = {
  look: () => Promise.resolve<LoginItem>({ kind: 'unavailable', reason: 'not on this platform' }),
  write: () => Promise.resolve('not on this platform'),
  remove: () => Promise.resolve('not on this platform'),
};
const machine = { autostart, program: 'C:\\MCP Router.exe' };

describe.each(['win32', 'darwin'] as const)('start at login on %s', (platform) => {
  it('is what the system says, switched on and off again', async () => {
    const { app } = fakeSystem();
    const items = createLoginItems(app, machine, { platform, appPath: null });
    expect(await items.look()).toEqual({ kind: 'off' });
    expect(await items.set(true, true)).toBeNull();
    expect(await items.look()).toEqual({ kind: 'on' });
    expect(await items.set(false, true)).toBeNull();
    expect(await items.look()).toEqual({ kind: 'off' });
  });

  it('says so when the system does not do it', async () => {
    const { app } = fakeSystem(false);
    const items = createLoginItems(app, machine, { platform, appPath: null });
    expect(await items.set(true, true)).toContain('did not accept');
  });
});

it('passes the switch on where the system keeps arguments', async () => {
  const { app, kept } = fakeSystem();
  await createLoginItems(app, machine, { platform: 'win32', appPath: null }).set(true, true);
  expect([...kept]).toEqual([JSON.stringify([machine.program, ['--hidden']])]);
});
