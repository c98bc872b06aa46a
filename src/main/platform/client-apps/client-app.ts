import type { ClientId } from '../../../shared/model/client-apps';

/** The platforms that clients are described for; every other Unix is looked at like Linux. */
export type ClientPlatform = 'linux' | 'darwin' | 'win32';

/**
 * A path that begins with a folder in braces: `{home}`, `{root}` (not on Windows), `{config}` (XDG_CONFIG_HOME or ~/.config), `{support}` (macOS),
 * `{appdata}`, `{localappdata}` (Windows), or a variable such as `{$CODEX_HOME}`. A path whose folder is not there on
 * this machine is left out. One segment may be a pattern with `*`.
 */
export type PathPattern = `{${string}}${string}`;

type PerPlatform<T> = T | Readonly<Record<ClientPlatform, T>>;

/** Everything that MCP Router knows about one client; the machinery beside it does the rest. */
export interface ClientApp {
  readonly id: ClientId;
  readonly title: string;
  readonly format: 'json' | 'toml';
  /** False: the client's own parser refuses comments or, worse, starts afresh with an empty file. */
  readonly allowsComments: boolean;
  /** Places of its file: the first whose folder (or variable, or pattern) is there counts, and no other. */
  readonly files: PerPlatform<readonly PathPattern[]>;
  /** Folders and files that show that the app is there, besides its file. */
  readonly traces: PerPlatform<readonly PathPattern[]>;
  /** Programs on the PATH that show the same. */
  readonly programs: readonly string[];
  /** The key that holds the servers by name. */
  readonly rootKey: string;
  /** Members that the client wants in an entry before `command` and `args`. */
  readonly entryExtras: Readonly<Record<string, string>>;
  /** Set when the client overwrites its file while it runs. */
  readonly mustBeClosed?: RunningTraces;
  /** When the client notices the change. */
  readonly afterwards: string;
}

/** How the processes of an app are told from others, such as Claude Code's, which are named `claude` too. */
export interface RunningTraces {
  /** Any of these in the path or the command line of a process. */
  readonly linux: readonly RegExp[];
  readonly darwin: readonly RegExp[];
  readonly win32: { readonly image: string; readonly paths: readonly RegExp[] };
}

/** The patterns for a platform. */
export function patternsFor(
  patterns: PerPlatform<readonly PathPattern[]>,
  platform: NodeJS.Platform,
): readonly PathPattern[] {
  if (isList(patterns)) return patterns;
  return patterns[clientPlatform(platform)];
}

/** The platform whose descriptions count. */
export function clientPlatform(platform: NodeJS.Platform): ClientPlatform {
  return platform === 'darwin' || platform === 'win32' ? platform : 'linux';
}

function isList(patterns: PerPlatform<readonly PathPattern[]>): patterns is readonly PathPattern[] {
  return Array.isArray(patterns);
}
