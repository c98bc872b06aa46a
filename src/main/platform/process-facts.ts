import { homedir } from 'node:os';

import type { Variables } from './environment';

/** What the process knows about itself; nothing below looks anywhere else. */
export interface ProcessFacts {
  readonly platform: NodeJS.Platform;
  readonly env: Variables;
  readonly home: string | undefined;
  readonly cwd: string;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly stderr: { write(text: string): unknown };
}

/** Reads the process once. A user without a home folder is a documented case (design section 3). */
export function processFacts(target: NodeJS.Process): ProcessFacts {
  return {
    platform: target.platform,
    env: target.env,
    home: homeFolder(),
    cwd: target.cwd(),
    uid: target.geteuid?.() ?? null,
    stderr: target.stderr,
  };
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // it throws exactly when the user has none
  }
}
