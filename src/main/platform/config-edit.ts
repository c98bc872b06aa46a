import { realpath } from 'node:fs/promises';

import { parseConfigText } from './config-file';
import { editConfigText, type ConfigEdits } from './config-text-edit';
import type { LocatedProblem } from './config-problems';
import { nodeAt, type MapNode } from './config-tree';
import { endpointNodes } from './endpoint-views';
import { errorCode, readGuardedFile } from './guarded-file';
import { decodedConfig, evaluateConfigText, MAX_CONFIG_BYTES, type LoadOptions } from './load-config';

/** What the window may change. */
export interface ConnectionChange {
  readonly url: string;
  /** The keychain entry that now holds the token; absent to leave the credential as it is. */
  readonly tokenSecureKey?: string;
}

/** What a change comes to; nothing is written by it. */
export type ConfigPlan =
  /** `path` is the file itself where the configuration is a link to it. */
  | { readonly kind: 'planned'; readonly path: string; readonly text: string }
  /** The file is not valid, or would not be afterwards. */
  | { readonly kind: 'invalid'; readonly problems: readonly LocatedProblem[] }
  /** The file must not or cannot be changed. */
  | { readonly kind: 'refused'; readonly problem: string };

/** What a new file begins with. */
export const NEW_FILE = '# MCP Router. What is in effect: mcp-router config check\n';

/**
 * The text of the configuration file with another connection and nothing else changed, checked as if it were loaded;
 * the text of a new file where there is none.
 */
export function planConnection(
  path: string,
  change: ConnectionChange,
  options: LoadOptions,
): Promise<ConfigPlan> {
  // The file must be good by itself, whatever this process has in its environment.
  const fileAlone = { ...options, place: { ...options.place, env: {} } };
  const edits = (tree: MapNode | null): ConfigEdits | string => {
    const isPool = tree !== null && endpointNodes(tree).length > 1;
    return isPool ? `${path} has several endpoints; change them in the file.` : editsFor(tree, change);
  };
  return planEdits(path, edits, { read: options, judge: fileAlone });
}

/** The text of the configuration file with this list of blocked clients and nothing else changed. */
export function planBlockedClients(
  path: string,
  names: readonly string[],
  options: LoadOptions,
): Promise<ConfigPlan> {
  const edits = new Map([[['local', 'blocked_clients'], names.length === 0 ? null : names]]);
  return planEdits(path, () => edits, { read: options, judge: options });
}

/** The text of the configuration file with this address, where a person signs in with the browser, or everybody gets in. */
export function planAccess(
  path: string,
  { url, access }: { readonly url: string; readonly access: 'sign-in' | 'open' },
  options: LoadOptions,
): Promise<ConfigPlan> {
  const auth: readonly (readonly [readonly string[], string])[] =
    access === 'open'
      ? [[['gateway', 'auth', 'type'], 'none']]
      : [
          [['gateway', 'auth', 'type'], 'oauth2'],
          [['gateway', 'auth', 'grant_type'], 'authorization_code'],
        ];
  const edits: ConfigEdits = new Map([[['gateway', 'url'], url], ...auth]);
  const fileAlone = { ...options, place: { ...options.place, env: {} } };
  return planEdits(path, () => edits, { read: options, judge: fileAlone });
}

/** The text of the configuration file with the audit log switched on and nothing else changed. */
export function planAuditLog(path: string, options: LoadOptions): Promise<ConfigPlan> {
  const edits: ConfigEdits = new Map([[['logging', 'audit', 'enabled'], true]]);
  return planEdits(path, () => edits, { read: options, judge: options });
}

async function planEdits(
  path: string,
  editsOf: (tree: MapNode | null) => ConfigEdits | string,
  { read: options, judge }: { readonly read: LoadOptions; readonly judge: LoadOptions },
): Promise<ConfigPlan> {
  const read = await readGuardedFile(path, {
    rule: 'trusted',
    maxBytes: MAX_CONFIG_BYTES,
    platform: options.place.platform,
    who: { uid: options.uid },
  });
  if (read.kind === 'refused') return refused(`${path} is not changed: ${read.problem}`);
  if (read.kind === 'unreadable') return refused(`${path} cannot be read: ${read.reason}`);
  const before =
    read.kind === 'read' ? decodedConfig(read.bytes) : ({ kind: 'text', text: NEW_FILE } as const);
  if (before.kind === 'binary') return refused(`${path} is not changed: ${before.message}`);

  const edits = editsOf(parseConfigText(before.text).tree);
  if (typeof edits === 'string') return refused(edits);
  const edited = editConfigText(before.text, edits);
  if (edited.kind === 'repeated') {
    return refused(`${path} is not changed: an alias (*) repeats a value that would go. Change it by hand.`);
  }
  const judged = evaluateConfigText(edited.kind === 'broken' ? before.text : edited.text, path, judge);
  if (judged.kind === 'invalid') {
    return { kind: 'invalid', problems: judged.problems.filter(({ severity }) => severity === 'error') };
  }
  if (edited.kind === 'broken') return refused(`${path} is not changed: it is not a configuration.`);
  return { kind: 'planned', path: await targetOf(path), text: edited.text };
}

function refused(problem: string): ConfigPlan {
  return { kind: 'refused', problem };
}

/** A link stays a link: its target is what changes. */
export async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path;
    throw error;
  }
}

function editsFor(tree: MapNode | null, { url, tokenSecureKey }: ConnectionChange): ConfigEdits {
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
