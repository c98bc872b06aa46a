import { homedir } from 'node:os';

import type { Variables } from './environment';

/** Which program a process runs. */
export interface ProgramFacts {
  readonly execPath: string;
  readonly scriptPath: string;
  /** It is our packed app; an Electron of a checkout runs scripts as Node does. */
  readonly isPacked: boolean;
}

export function programFacts(target: NodeJS.Process): ProgramFacts {
  const isElectron = 'electron' in target.versions;
  const isUnpacked = 'defaultApp' in target;
  return { execPath: target.execPath, scriptPath: target.argv[1] ?? '', isPacked: isElectron && !isUnpacked };
}

/** What the process knows about itself; nothing below looks anywhere else. */
export interface ProcessFacts {
  readonly platform: NodeJS.Platform;
  readonly env: Variables;
  readonly home: string | undefined;
  readonly cwd: string;
  /** Null on Windows. */
  readonly uid: number | null;
  readonly stderr: { write(text: string): unknown };
  readonly program: ProgramFacts;
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
    program: programFacts(target),
  };
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // it throws exactly when the user has none
  }
}
