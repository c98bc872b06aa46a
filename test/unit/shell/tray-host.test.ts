import { describe, expect, it } from 'vitest';
import { showWithoutTray } from '../../../src/main/tray-host';

async function start(answers: readonly (boolean | null)[]): Promise<{ windows: number; pauses: number }> {
  let windows = 0;
  let pauses = 0;
  let asked = 0;
  await showWithoutTray({
    hasTrayHost: () => Promise.resolve(asked < answers.length ? (answers[asked++] ?? null) : false),
    pause: () => {
      pauses += 1;
      return Promise.resolve();
    },
    showWindow: () => (windows += 1),
  });
  return { windows, pauses };
}

describe('showWithoutTray', () => {
  it('leaves the window closed where a panel shows the icon, also one that comes late', async () => {
    expect(await start([true])).toEqual({ windows: 0, pauses: 0 });
    expect(await start([false, false, true])).toEqual({ windows: 0, pauses: 2 });
  });

  it('opens the window where no panel comes', async () => {
    expect(await start([])).toEqual({ windows: 1, pauses: 14 });
  });

  it('opens the window at once where nobody can tell', async () => {
    expect(await start([null])).toEqual({ windows: 1, pauses: 0 });
  });
});
