import { realpath } from 'node:fs/promises';

import { writeFileAtomically } from './atomic-file';
import { editConfigText, parseConfigText } from './config-file';
import type { LocatedProblem } from './config-problems';
import { nodeAt } from './config-tree';
import { errorCode, readGuardedFile, systemReason } from './guarded-file';
import { evaluateConfigText, MAX_CONFIG_BYTES, type LoadOptions } from './load-config';

/** What the window may change. */
export interface ConnectionChange {
  readonly url: string;
  /** The keychain entry that now holds the token; absent to leave the credential as it is. */
  readonly tokenSecureKey?: string;
}

/** The answer of {@link saveConnection}. */
export type SaveResult =
  | { readonly kind: 'saved'; readonly path: string }
  /** The file as it would be is not valid; nothing was written. */
  | { readonly kind: 'invalid'; readonly problems: readonly LocatedProblem[] }
  /** The file must not or cannot be changed; nothing was written. */
  | { readonly kind: 'refused'; readonly problem: string };

const NEW_FILE = '# MCP Router. All keys: mcp-router config check\n';

/** Changes the connection in the configuration file, and nothing else in it; creates the file when there is none. */
export async function saveConnection(
  path: string,
  change: ConnectionChange,
  options: LoadOptions,
): Promise<SaveResult> {
  const read = await readGuardedFile(path, {
    rule: 'trusted',
    maxBytes: MAX_CONFIG_BYTES,
    platform: options.place.platform,
    who: { uid: options.uid },
  });
  if (read.kind === 'refused') return { kind: 'refused', problem: `${path} is not changed: ${read.problem}` };
  if (read.kind === 'unreadable')
    return { kind: 'refused', problem: `${path} cannot be read: ${read.reason}` };
  const before = read.kind === 'read' ? read.bytes.toString('utf8') : NEW_FILE;

  const edited = editConfigText(before, editsFor(before, change));
  if (edited.kind === 'broken') {
    const { problems } = parseConfigText(before);
    return problems.length > 0
      ? { kind: 'invalid', problems }
      : { kind: 'refused', problem: `${path} is not changed, because it is not a configuration.` };
  }
  // The file must be good by itself, whatever this process has in its environment.
  const fileAlone = { ...options, place: { ...options.place, env: {} } };
  const after = evaluateConfigText(edited.text, path, fileAlone);
  if (after.kind === 'invalid') {
    return { kind: 'invalid', problems: after.problems.filter(({ severity }) => severity === 'error') };
  }
  return write(path, edited.text, options.place.platform);
}

async function write(path: string, text: string, platform: NodeJS.Platform): Promise<SaveResult> {
  try {
    // A link stays a link: its target is what changes.
    const target = await targetOf(path);
    await writeFileAtomically(target, text, platform);
    return { kind: 'saved', path };
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return { kind: 'refused', problem: `${path} cannot be written: ${systemReason(error)}` };
  }
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path;
    throw error;
  }
}

type Edits = Parameters<typeof editConfigText>[1];

function editsFor(text: string, { url, tokenSecureKey }: ConnectionChange): Edits {
  const { tree } = parseConfigText(text);
  const pool = tree === null ? undefined : nodeAt(tree, ['gateway_pool']);
  // A file of the Go router keeps its form.
  const base = pool === undefined ? ['gateway'] : ['gateway_pool', 'endpoints', 0];
  const type = tree === null ? undefined : nodeAt(tree, ['gateway', 'auth', 'type']);
  const isAuthOff = type?.kind === 'scalar' && type.value === 'none';
  const credential: readonly (readonly [readonly (string | number)[], string | null])[] =
    tokenSecureKey === undefined
      ? []
      : [
          [[...base, 'auth', 'token_secure_key'], tokenSecureKey],
          // A token in clear text has just been moved to the keychain.
          [[...base, 'auth', 'token'], null],
          ...(isAuthOff ? [[['gateway', 'auth', 'type'], 'bearer'] as const] : []),
        ];
  return new Map([[[...base, 'url'], url], ...credential]);
}
