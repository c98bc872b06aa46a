/** A panel may come up after the programs that are started at login. */
const TRIES = 15;
const PAUSE_MS = 1000;

/** Opens the window where no panel shows the icon of an app that was started hidden: it could not be reached otherwise. */
export async function showWithoutTray(parts: {
  /** Null where it cannot be told. */
  readonly hasTrayHost: () => Promise<boolean | null>;
  readonly pause: (delayMs: number) => Promise<void>;
  readonly showWindow: () => void;
}): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const answer = await parts.hasTrayHost();
    if (answer === true) return;
    if (answer === null) break;
    if (tries < TRIES) await parts.pause(PAUSE_MS);
  }
  parts.showWindow();
}
