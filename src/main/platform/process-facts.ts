import { homedir } from 'node:os';

import type { Variables } from './environment';

/** Which program a process runs. */
export interface ProgramFacts {
  readonly execPath: string;
  readonly scriptPath: string;
  /** It is our packed app; an Electron of a checkout runs scripts as Node does. */
  readonly isPacked: boolean;
  /** True: an Electron of a checkout runs the app, and clients need a Node for our script. */
  readonly isUnpackedApp?: boolean;
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

/** The facts of the app. In a checkout clients start our script, not the Electron that runs the app. */
export function appFacts(
  target: NodeJS.Process,
  { isPackaged, cliPath }: { readonly isPackaged: boolean; readonly cliPath?: string },
): ProcessFacts {
  const facts = processFacts(target);
  if (isPackaged || cliPath === undefined) return facts;
  return { ...facts, program: { ...facts.program, scriptPath: cliPath, isUnpackedApp: true } };
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined; // it throws exactly when the user has none
  }
}
