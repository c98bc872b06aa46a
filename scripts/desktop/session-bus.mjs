// @ts-check
// A session bus with or without a keyring, for tests. Tests start as many as they like, on homes of their own:
//   const bus = await startSessionBus({ home, runtimeFolder, keyring: 'locked' });
//   ... launch the app with { ...environment, ...bus.environment } ...
//   await bus.close();
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { capture } from '../child.mjs';
import { firstLine } from './display.mjs';
import { startOwned } from './owned-process.mjs';

/** The password of every keyring that is made here. */
export const keyringPassword = 'keyring-password';

const readyLimitMs = 20_000;
const pollMs = 50;

/** A bus that starts nothing by itself: a keyring of its own choice, a prompt or a portal would decide the tests. */
const busConfiguration = (/** @type {string} */ address) => `<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** @param {Record<string, string | undefined>} environment */
async function untilKeyringAnswers(environment) {
  const question = ['org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets'];
  const args = [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    ...question,
  ];
  const deadline = Date.now() + readyLimitMs;
  while (Date.now() < deadline) {
    const { stdout } = await capture('dbus-send', args, { env: environment, timeoutMs: readyLimitMs });
    if (/boolean true/.test(stdout)) return;
    await delay(pollMs);
  }
  throw new Error('gnome-keyring-daemon does not answer on the session bus.');
}

/**
 * @param {Record<string, string | undefined>} environment
 * @param {string} controlFolder
 * @param {boolean} isUnlocked
 */
async function startKeyring(environment, controlFolder, isUnlocked) {
  const args = ['--foreground', '--components=secrets', `--control-directory=${controlFolder}`];
  const keyring = startOwned('gnome-keyring-daemon', isUnlocked ? [...args, '--unlock'] : args, {
    env: environment,
    stdio: [isUnlocked ? 'pipe' : 'ignore', 'ignore', 'ignore'],
  });
  // It ends the password at the end of the stream, without a newline.
  keyring.child.stdin?.end(keyringPassword);
  try {
    await untilKeyringAnswers(environment);
    return keyring;
  } catch (error) {
    await keyring.close();
    throw error;
  }
}

/** @param {string} home @returns {boolean} */
function hasKeyringFile(home) {
  const folder = join(home, '.local', 'share', 'keyrings');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.keyring'));
}

/**
 * Starts a session bus, and on it the wanted keyring: unlocked, locked (made first when the home has none), or none at all.
 * @param {object} options
 * @param {string} options.home what is stored survives there
 * @param {string} options.runtimeFolder short, mode 0700; made when it does not exist
 * @param {import('./session-options.mjs').Keyring} options.keyring
 * @param {Record<string, string | undefined>} [options.base] environment of the daemons; ours unless named
 * @returns {Promise<{ environment: Record<string, string>, close: () => Promise<void> }>} lay `environment` over that of the app
 */
export async function startSessionBus({ home, runtimeFolder, keyring, base = process.env }) {
  mkdirSync(runtimeFolder, { recursive: true, mode: 0o700 });
  const configuration = join(runtimeFolder, 'bus.conf');
  writeFileSync(configuration, busConfiguration(`unix:path=${join(runtimeFolder, 'bus')}`));
  const own = { HOME: home, XDG_RUNTIME_DIR: runtimeFolder };
  const daemon = startOwned(
    'dbus-daemon',
    ['--nofork', '--print-address=1', `--config-file=${configuration}`],
    {
      env: { ...base, ...own },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  if (daemon.child.stdout === null) throw new Error('dbus-daemon has no output.');
  /** @type {(() => Promise<void>)[]} */
  const closers = [() => daemon.close()];
  const close = async () => {
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const address = await firstLine(daemon.child.stdout, daemon.ended, 'dbus-daemon');
    const environment = { ...own, DBUS_SESSION_BUS_ADDRESS: address };
    const full = { ...base, ...environment };
    const start = async (/** @type {boolean} */ isUnlocked) => {
      const started = await startKeyring(full, join(runtimeFolder, 'keyring'), isUnlocked);
      closers.push(() => started.close());
    };
    if (keyring === 'unlocked') await start(true);
    if (keyring === 'locked') {
      if (!hasKeyringFile(home)) {
        await start(true);
        await closers.pop()?.();
      }
      await start(false);
    }
    return { environment, close };
  } catch (error) {
    await close();
    throw error;
  }
}
