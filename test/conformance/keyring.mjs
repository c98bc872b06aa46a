// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment } from './router.mjs';

/** A bus that starts nothing by itself. */
const BUS = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;
/** The daemon goes into the background before it owns its name on the bus. */
const LINE = `printf keyring-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 9
tries=0; until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; \
  do tries=$((tries + 1)); [ "$tries" -lt 1000 ] || exit 9; done
echo "bus $DBUS_SESSION_BUS_ADDRESS"; read -r _`;

/**
 * A session with an unlocked keyring, for what signing in stores.
 * @returns {Promise<{ env: Record<string, string>, end: () => Promise<void> } | undefined>} undefined where there is none
 */
export async function openKeyring() {
  if (process.platform !== 'linux') return undefined;
  const home = mkdtempSync(join(tmpdir(), 'mcp-router-keyring-'));
  const config = join(home, 'bus.conf');
  writeFileSync(config, BUS);
  const child = spawn('dbus-run-session', [`--config-file=${config}`, '--', 'sh', '-c', LINE], {
    env: bareEnvironment(home),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'exit').catch(() => undefined);
  const address = await addressOf(child.stdout, ended);
  const end = async () => {
    child.stdin.end('\n');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  if (address !== undefined) return { env: { DBUS_SESSION_BUS_ADDRESS: address }, end };
  await end();
  return undefined;
}

/**
 * @param {import('node:stream').Readable} output
 * @param {Promise<unknown>} ended
 * @returns {Promise<string | undefined>}
 */
function addressOf(output, ended) {
  let text = '';
  return new Promise((resolve) => {
    output.on('data', (/** @type {Buffer} */ chunk) => {
      text += chunk.toString();
      const found = /bus (\S+)\n/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => resolve(undefined));
  });
}
