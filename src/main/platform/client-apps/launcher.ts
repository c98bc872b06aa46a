import { realpath } from 'node:fs/promises';

import { variableIn } from '../environment';
import { errorCode } from '../guarded-file';
import { pathRules, type Place } from '../paths';
import type { ProgramFacts } from '../process-facts';
import { shown } from '../shown-text';
import { isThere } from './presence';

/** How this copy of MCP Router is installed. */
export type InstallForm =
  /** npm, `npm link` or a checkout: a script that Node runs. */
  | { readonly kind: 'node'; readonly execPath: string; readonly scriptPath: string }
  /** The app of a checkout: its Electron is no Node, so one is looked for. */
  | { readonly kind: 'unpacked'; readonly scriptPath: string }
  /** The packaged app; from an AppImage, `appImage` is the file that the user keeps. */
  | { readonly kind: 'packaged'; readonly execPath: string; readonly appImage: string | undefined };

/** A terminal that is an AppImage itself passes its own APPIMAGE on, so our program must lie in the one it names. */
export function installForm(program: ProgramFacts, env: Place['env']): InstallForm {
  const { execPath, scriptPath, isPacked } = program;
  if (program.isUnpackedApp === true) return { kind: 'unpacked', scriptPath };
  if (!isPacked) return { kind: 'node', execPath, scriptPath };
  const mount = variableIn(env, 'APPDIR');
  const isFromImage = mount !== undefined && execPath.startsWith(`${mount}/`);
  return { kind: 'packaged', execPath, appImage: isFromImage ? variableIn(env, 'APPIMAGE') : undefined };
}

/** What a client starts: an absolute program with its arguments, nothing that depends on PATH, no variable. */
export interface Launcher {
  readonly command: string;
  readonly args: readonly string[];
  readonly warnings: readonly string[];
  /** Why nothing could be started that way; absent where it can. */
  readonly problem?: string;
}

export interface LauncherFacts {
  readonly form: InstallForm;
  readonly place: Place;
  readonly temporaryFolder: string;
  /** A path without its links; the path itself where it leads nowhere. */
  readonly realPath?: (path: string) => Promise<string>;
}

/**
 * Decides what the entry starts.
 *
 * For npm it is Node itself with our script, not the `mcp-router` of npm: that one begins with `#!/usr/bin/env node`,
 * and apps that were started from a dock or menu have a PATH without Node; on Windows it is a .cmd, which needs a shell.
 * Node's own path holds its version under most version managers, so a link that follows updates (Homebrew's, the
 * system's, an alias) is taken when it leads to this very Node. Where there is none, a warning says what will break.
 */
export async function findLauncher(facts: LauncherFacts): Promise<Launcher> {
  const { form, realPath = realOf } = facts;
  switch (form.kind) {
    case 'packaged': {
      const command = form.appImage ?? form.execPath;
      return withWarnings({ command, args: ['--stdio'] }, facts);
    }
    case 'unpacked': {
      const script = await realPath(form.scriptPath);
      const command = await anyNode(facts.place);
      if (command !== null) return withWarnings({ command, args: [script] }, facts);
      return { command: 'node', args: [script], warnings: [], problem: NO_NODE };
    }
    case 'node': {
      const script = await realPath(form.scriptPath);
      return withWarnings(
        { command: await stableNode(form.execPath, { ...facts, realPath }), args: [script] },
        facts,
      );
    }
  }
}

/** Links to Node that survive its updates, by where installers put them. */
function stableCandidates({ platform, env, home }: Place): readonly string[] {
  if (platform === 'win32') return [];
  const { isAbsolute, join } = pathRules(platform);
  const usual = [
    '/opt/homebrew/opt/node/bin/node',
    '/usr/local/opt/node/bin/node',
    '/usr/local/bin/node',
    '/usr/bin/node',
    '/run/current-system/sw/bin/node',
    '/snap/node/current/bin/node',
  ];
  const own = ['.nvm/current/bin/node', '.local/share/fnm/aliases/default/bin/node', '.nix-profile/bin/node'];
  const onPath = (variableIn(env, 'PATH') ?? '').split(':').filter((folder) => isAbsolute(folder));
  return [
    ...usual,
    ...(home === undefined ? [] : own.map((name) => join(home, name))),
    ...onPath.map((folder) => join(folder, 'node')),
  ];
}

const NO_NODE = 'there is no Node on PATH that a client could start; install Node 20 or newer';

/** The first Node that is there, one that survives updates before one that belongs to a version. */
async function anyNode(place: Place): Promise<string | null> {
  const candidates = place.platform === 'win32' ? nodesOnWindows(place) : stableCandidates(place);
  const isBound = (path: string): boolean => isVersionBound(path) || isFleeting(path, []);
  const inOrder = [...candidates.filter((path) => !isBound(path)), ...candidates.filter(isBound)];
  for (const candidate of inOrder) if (await isThere(candidate)) return candidate;
  return null;
}

function nodesOnWindows({ platform, env }: Place): readonly string[] {
  const { isAbsolute, join } = pathRules(platform);
  const folders = (variableIn(env, 'PATH') ?? '').split(';').filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, 'node.exe'));
}

async function stableNode(
  execPath: string,
  { place, realPath }: Pick<Required<LauncherFacts>, 'place' | 'realPath'>,
): Promise<string> {
  const real = await realPath(execPath);
  if (!isVersionBound(execPath) && !isFleeting(execPath, [])) return execPath;
  for (const candidate of stableCandidates(place)) {
    if (isVersionBound(candidate) || isFleeting(candidate, [])) continue;
    if ((await realPath(candidate)) === real) return candidate;
  }
  return execPath;
}

function withWarnings(
  start: Pick<Launcher, 'command' | 'args'>,
  { place, temporaryFolder, form }: LauncherFacts,
): Launcher {
  const paths = form.kind !== 'packaged' ? [start.command, ...start.args] : [start.command];
  const isDeaf = form.kind === 'packaged' && place.platform === 'win32';
  const ofPaths = paths.flatMap((path) => {
    if (isFleeting(path, [temporaryFolder, variableIn(place.env, 'TMPDIR') ?? ''])) {
      return [
        `${shown(path, 300)} lies in a temporary place and may be gone tomorrow; install MCP Router to stay, and connect again`,
      ];
    }
    if (!isVersionBound(path)) return [];
    return [
      `${shown(path, 300)} belongs to one version: after an update the client may not find it; run then: mcp-router clients repair`,
    ];
  });
  return { ...start, warnings: isDeaf ? [DEAF, ...ofPaths] : ofPaths };
}

/** See `stdio-start`. */
const DEAF =
  'the app gets no input from other programs on Windows, so this entry will not work; connect with the mcp-router of npm, or over HTTP (local.http)';

/** Package runners, mounted images and temporary folders. */
const FLEETING =
  /^\/(tmp|var\/tmp|private\/(var\/folders|tmp)|var\/folders|run\/user|Volumes)\/|\/\.mount_|[\\/]_npx[\\/]|[\\/]dlx-|\/AppTranslocation\/|[\\/]fnm_multishells[\\/]|\\Temp\\/;

export function isFleeting(path: string, folders: readonly string[]): boolean {
  return FLEETING.test(path) || folders.some((folder) => folder.length > 1 && path.startsWith(folder));
}

/** A part of the path that is a version, or a store that names each build. */
const VERSION_BOUND = /[\\/]v?\d+\.\d+(\.\d+)?([-+][^\\/]*)?[\\/]|^\/nix\/store\/|^\/snap\/[^/]+\/\d+\//;

export function isVersionBound(path: string): boolean {
  return VERSION_BOUND.test(path);
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return path;
  }
}
