import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A bus that starts nothing by itself: otherwise a second, locked keyring could be there before ours. */
const BARE_BUS = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;
/** The daemon goes into the background before it owns its name on the bus. */
const READY = `tries=0; until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; \
  do tries=$((tries + 1)); [ "$tries" -lt 1000 ] || exit 9; done;`;

/** Shell lines that bring up a gnome-keyring on the bus of the session. */
export const keyring = {
  unlocked: `printf keyring-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null; ${READY}`,
  /** Starts without the password: the keyring of an earlier session stays locked. */
  locked: `gnome-keyring-daemon --start --components=secrets >/dev/null; ${READY}`,
} as const;

/** The command and arguments that run a shell line on a session bus of its own. */
export function onSessionBus(home: string, line: string): readonly [string, ...string[]] {
  const config = join(home, 'bus.conf');
  writeFileSync(config, BARE_BUS);
  return ['dbus-run-session', `--config-file=${config}`, '--', 'sh', '-c', line];
}
