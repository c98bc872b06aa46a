import { execFile } from 'node:child_process';

/** Who shows tray icons on a Linux desktop (StatusNotifierItem, as of KDE and freedesktop.org). */
const HOST = 'org.kde.StatusNotifierWatcher';
const LIMIT_MS = 2000;

const questions = [
  [
    'dbus-send',
    '--session',
    '--print-reply=literal',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    `string:${HOST}`,
  ],
  [
    'gdbus',
    'call',
    '--session',
    '--dest=org.freedesktop.DBus',
    '--object-path=/org/freedesktop/DBus',
    '--method=org.freedesktop.DBus.NameHasOwner',
    HOST,
  ],
] as const;

/** Asks the session bus, with the programs that desktops have for it; null where none of them can tell. */
export async function hasTrayHost(): Promise<boolean | null> {
  for (const [program, ...args] of questions) {
    const answer = await ask(program, args);
    if (answer !== null) return /\btrue\b/.test(answer);
  }
  return null;
}

const ask = (program: string, args: readonly string[]): Promise<string | null> =>
  new Promise((resolve) => {
    execFile(program, [...args], { timeout: LIMIT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
