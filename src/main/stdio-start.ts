const SWITCH = '--stdio';

/** What follows `--stdio` on the command line; null when the app was started as an app. */
export function stdioArguments(argv: readonly string[]): readonly string[] | null {
  const place = argv.indexOf(SWITCH);
  return place === -1 ? null : argv.slice(place + 1);
}

/** Why this platform cannot do it; null where it can. Electron gives an app on Windows an stdin that has ended. */
export function stdioTrouble(platform: NodeJS.Platform): string | null {
  if (platform !== 'win32') return null;
  return `${SWITCH} is not possible on Windows, where an app gets no input: start mcp-router with Node, or connect over HTTP (local.http)`;
}

/** What of the process is needed. */
export interface EndingProcess {
  readonly platform: NodeJS.Platform;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): never;
}

/** What a start with `--stdio` is made of. */
export interface StdioStart {
  /** Electron's. */
  readonly app: { readonly dock?: { hide(): void } | undefined };
  readonly process: EndingProcess;
  readonly say: (text: string) => void;
  readonly onBug: (error: unknown) => void;
  /** Does what the command line does. */
  readonly run: () => Promise<number>;
}

const EXIT_UNAVAILABLE = 69;

/**
 * Does what `mcp-router` does, for users without Node, and ends the process.
 *
 * It happens while Electron waits for the main script to be loaded: nothing of the desktop has begun, so that it needs no
 * display, makes no window process, and takes no lock (see docs/decisions.md).
 */
export async function serveOnStdio(start: StdioStart): Promise<never> {
  const { app, process: target, say, onBug, run } = start;
  app.dock?.hide();
  const fail = (error: unknown): never => {
    onBug(error);
    return target.exit(1);
  };
  // Electron would show a dialog.
  target.on('uncaughtException', fail);
  target.on('unhandledRejection', fail);
  const trouble = stdioTrouble(target.platform);
  if (trouble === null) return target.exit(await run().catch(fail));
  say(trouble);
  return target.exit(EXIT_UNAVAILABLE);
}
