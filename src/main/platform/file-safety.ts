import { shellWord } from './shown-text';

/** What `stat` says and the rules look at. */
export interface Modes {
  readonly mode: number;
  readonly uid: number;
}

/** Who may own a file: the running user (undefined where the platform has no such thing) or root. */
export interface Who {
  /** Effective user id; null where modes and owners do not exist (Windows). */
  readonly uid: number | null;
}

/**
 * `private`: holds a secret, 0600 or stricter. `trusted`: may be read by others, but steers us, so nobody else may
 * change it. `public`: neither.
 */
export type FileRule = 'private' | 'trusted' | 'public';

const GROUP_OR_OTHERS = 0o077;
const GROUP_OR_OTHERS_WRITE = 0o022;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/** What makes a file unsafe, with the command that helps; null when nothing does. */
export function fileDanger(path: string, modes: Modes, rule: FileRule, who: Who): string | null {
  if (who.uid === null || rule === 'public') return null;
  if (!isOwnedByUs(modes, who.uid)) {
    return `it belongs to another user (${modes.uid}); run: chown ${who.uid} ${shellWord(path)}`;
  }
  if (rule === 'private' && (modes.mode & GROUP_OR_OTHERS) !== 0) {
    return `other users can ${verbs(modes.mode)} it (mode ${octal(modes.mode)}); run: chmod 600 ${shellWord(path)}`;
  }
  if ((modes.mode & GROUP_OR_OTHERS_WRITE) !== 0) {
    return `other users can change it (mode ${octal(modes.mode)}); run: chmod 600 ${shellWord(path)}`;
  }
  return null;
}

/**
 * What makes the folder that holds a file unsafe. A folder that others can write to lets them replace the file,
 * whatever the file's own mode. A sticky one (/tmp) is refused too: there anybody can put an entry of that name,
 * such as a link to another file of ours, before we do.
 */
export function folderDanger(path: string, modes: Modes, who: Who): string | null {
  if (who.uid === null) return null;
  if (!isOwnedByUs(modes, who.uid)) {
    return `its folder ${path} belongs to another user (${modes.uid}), who can replace it; move the file to a folder of your own`;
  }
  if ((modes.mode & GROUP_OR_OTHERS_WRITE) === 0) return null;
  if ((modes.mode & STICKY) !== 0) {
    return `it lies in ${path}, where every user can create files; move it to a folder of your own (mkdir -p -m 700 ~/.mcp)`;
  }
  return `other users can replace it, because they can write to its folder (mode ${octal(modes.mode)}); run: chmod go-w ${shellWord(path)}`;
}

/**
 * What makes a folder further up unsafe: others could swap the folder below it. Groups are not looked at there
 * (Debian's /usr/local belongs to a group), and in a sticky folder nobody can move what is not theirs.
 */
export function ancestorDanger(path: string, modes: Modes, who: Who): string | null {
  if (who.uid === null) return null;
  const isOpenToAll = (modes.mode & OTHERS_WRITE) !== 0 && (modes.mode & STICKY) === 0;
  return isOpenToAll
    ? `other users can replace it, because they can write to the folder ${path} (mode ${octal(modes.mode)}); run: chmod o-w ${shellWord(path)}`
    : null;
}

/** A remark about a folder of secrets that others can look into; null when there is none. */
export function folderRemark(path: string, modes: Modes, who: Who): string | null {
  if (who.uid === null || (modes.mode & GROUP_OR_OTHERS) === 0) return null;
  // Folders of root such as /etc are meant to be seen.
  if (modes.uid === 0 && who.uid !== 0) return null;
  return `other users can see what is in the folder ${path} (mode ${octal(modes.mode)}); run: chmod 700 ${shellWord(path)}`;
}

/** True when others can read the file. */
export function isReadableByOthers(modes: Modes, who: Who): boolean {
  return who.uid !== null && (modes.mode & 0o044) !== 0;
}

/** The permission bits as people write them: `0644`. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function isOwnedByUs(modes: Modes, uid: number): boolean {
  return modes.uid === uid || modes.uid === 0;
}

function verbs(mode: number): string {
  const canRead = (mode & 0o044) !== 0;
  const canWrite = (mode & GROUP_OR_OTHERS_WRITE) !== 0;
  if (canRead && canWrite) return 'read and change';
  if (canRead) return 'read';
  return canWrite ? 'change' : 'execute';
}
