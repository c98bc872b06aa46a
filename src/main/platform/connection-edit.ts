import { readFile, realpath } from 'node:fs/promises';

import type { SaveConnection } from '../../shared/ipc/contract';
import { errorSentence, type ErrorCode } from '../../shared/model/errors';
import type { SecretChange, SecretStore } from '../engine/ports';

import { writeFileAtomically } from './atomic-file';
import { editConfigText } from './config-file';
import { errorCode, systemReason } from './guarded-file';
import { evaluateConfigText, type LoadOptions } from './load-config';

/** The keychain entry that the window stores the token under, unless the configuration names another. */
export const DEFAULT_TOKEN_ENTRY = 'gateway-token';

/** What saving came to; nothing was changed when it is refused. */
export type ConnectionSave =
  | { readonly kind: 'saved' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: 'url' | 'token';
    };

/** Where a connection is saved to. */
export interface SaveTarget {
  readonly path: string;
  /** The entry that the configuration names already. */
  readonly tokenEntry: string | undefined;
  readonly secrets: SecretStore;
  readonly load: LoadOptions;
}

/** RFC 6750 tokens are a subset; anything else would break a header. */
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/**
 * Writes address and token where they belong: the file gets the address and the name of the keychain entry, the
 * keychain gets the token. Everything is checked first, and the rest of the file stays as it is, comments included.
 */
export async function saveConnection(target: SaveTarget, input: SaveConnection): Promise<ConnectionSave> {
  const token = input.token?.trim();
  if (token !== undefined && !TOKEN_SHAPE.test(token)) {
    return refused('credential-malformed', errorSentence('credential-malformed'), 'token');
  }
  const entry = target.tokenEntry ?? DEFAULT_TOKEN_ENTRY;
  const planned = await planText(target, input.url.trim(), token === undefined ? undefined : entry);
  if (planned.kind === 'refused') return planned;
  if (token !== undefined) {
    const stored = await target.secrets.write(entry, token);
    if (stored.kind !== 'done') return keychainRefusal(stored);
  }
  try {
    await writeFileAtomically(planned.path, planned.text, target.load.place.platform);
  } catch (error) {
    return refused('config-unreadable', `The file ${planned.path} cannot be written: ${systemReason(error)}`);
  }
  return { kind: 'saved' };
}

interface Planned {
  readonly kind: 'planned';
  readonly path: string;
  readonly text: string;
}

/** The new text of the file, checked as if it were loaded. */
async function planText(
  target: SaveTarget,
  url: string,
  tokenEntry: string | undefined,
): Promise<Planned | Extract<ConnectionSave, { kind: 'refused' }>> {
  const current = await currentText(target.path);
  const edits = new Map<readonly string[], string>([[['gateway', 'url'], url]]);
  if (tokenEntry !== undefined) edits.set(['gateway', 'auth', 'token_secure_key'], tokenEntry);
  const edited = editConfigText(current.text, edits);
  if (edited.kind === 'broken') {
    return refused('config-invalid', `The file ${target.path} cannot be read as YAML, so it is left alone.`);
  }
  const checked = evaluateConfigText(edited.text, target.path, target.load);
  if (checked.kind === 'valid') return { kind: 'planned', path: current.path, text: edited.text };
  const problems =
    checked.kind === 'invalid' ? checked.problems.filter(({ severity }) => severity === 'error') : [];
  const ofUrl = problems.find(({ path }) => path === 'gateway.url');
  if (ofUrl !== undefined) return refused('config-invalid', ofUrl.message, 'url');
  const text = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join(' ');
  return refused('config-invalid', text === '' ? errorSentence('config-invalid') : text);
}

/** A link is followed, so that it stays one. */
async function currentText(path: string): Promise<{ readonly path: string; readonly text: string }> {
  try {
    return { path: await realpath(path), text: await readFile(path, 'utf8') };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { path, text: '' };
    throw error;
  }
}

function keychainRefusal(change: Exclude<SecretChange, { kind: 'done' }>): ConnectionSave {
  const code = change.kind === 'locked' ? 'keychain-locked' : 'keychain-unavailable';
  return refused(code, errorSentence(code, change.reason), 'token');
}

function refused(
  code: ErrorCode,
  message: string,
  field?: 'url' | 'token',
): Extract<ConnectionSave, { kind: 'refused' }> {
  return { kind: 'refused', code, message, ...(field === undefined ? {} : { field }) };
}
