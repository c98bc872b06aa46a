import type { SaveConnection } from '../../shared/ipc/contract';
import type { RouterConfig } from '../../shared/model/config';
import { errorSentence, type ErrorCode } from '../../shared/model/errors';
import type { SecretChange, SecretStore } from '../engine/ports';

import { writeFileAtomically } from './atomic-file';
import { planAuditLog, planBlockedClients, planConnection, planAccess, type ConfigPlan } from './config-edit';
import { systemReason } from './guarded-file';
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
  /** Replaces a token that is stored already; it is tried against the gateway of that configuration first. */
  readonly swapToken: (swap: {
    readonly entry: string;
    readonly token: string;
    readonly config: RouterConfig;
  }) => Promise<TokenSwap>;
}

/** What came of replacing a stored token. */
export type TokenSwap =
  | { readonly kind: 'done' | 'nothing-there' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

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
  const change = { url: input.url.trim(), ...(token === undefined ? {} : { tokenSecureKey: entry }) };
  const planned = await planConnection(target.path, change, target.load);
  if (planned.kind !== 'planned') return planRefusal(target, planned);
  if (token !== undefined) {
    const refusal = await storeToken(target, { entry, token, text: planned.text });
    if (refusal !== null) return refusal;
  }
  return written(planned, target.load);
}

/** Null when it is stored. */
async function storeToken(
  { path, secrets, load, swapToken }: SaveTarget,
  { entry, token, text }: { readonly entry: string; readonly token: string; readonly text: string },
): Promise<ConnectionSave | null> {
  const next = evaluateConfigText(text, path, load);
  const swap =
    next.kind === 'valid'
      ? await swapToken({ entry, token, config: next.config })
      : ({ kind: 'nothing-there' } as const);
  if (swap.kind === 'refused') return refused(swap.code, swap.message, 'token');
  if (swap.kind === 'done') return null;
  const stored = await secrets.write(entry, token);
  return stored.kind === 'done' ? null : keychainRefusal(stored);
}

/** Writes who is blocked into the file; the rest of it stays as it is, comments included. */
export async function saveBlockedClients(
  target: Pick<SaveTarget, 'path' | 'load'>,
  names: readonly string[],
): Promise<ConnectionSave> {
  const planned = await planBlockedClients(target.path, names, target.load);
  return planned.kind === 'planned' ? written(planned, target.load) : planRefusal(target, planned);
}

/** Writes the address, and how the router gets in there without a token. */
export async function saveAccess(
  target: Pick<SaveTarget, 'path' | 'load'>,
  { url, access }: Parameters<typeof planAccess>[1],
): Promise<ConnectionSave> {
  const planned = await planAccess(target.path, { url: url.trim(), access }, target.load);
  return planned.kind === 'planned' ? written(planned, target.load) : planRefusal(target, planned);
}

/** Switches the audit log on in the file; the rest of it stays as it is, comments included. */
export async function saveAuditLog(target: Pick<SaveTarget, 'path' | 'load'>): Promise<ConnectionSave> {
  const planned = await planAuditLog(target.path, target.load);
  return planned.kind === 'planned' ? written(planned, target.load) : planRefusal(target, planned);
}

async function written(
  planned: Extract<ConfigPlan, { kind: 'planned' }>,
  { place }: LoadOptions,
): Promise<ConnectionSave> {
  try {
    await writeFileAtomically(planned.path, planned.text, place.platform);
  } catch (error) {
    return refused('config-unreadable', `The file ${planned.path} cannot be written: ${systemReason(error)}`);
  }
  return { kind: 'saved' };
}

function planRefusal(
  target: Pick<SaveTarget, 'path'>,
  plan: Exclude<ConfigPlan, { kind: 'planned' }>,
): ConnectionSave {
  if (plan.kind === 'refused') return refused('config-unreadable', plan.problem);
  const ofUrl = plan.problems.find(({ path }) => path.endsWith('.url'));
  if (ofUrl !== undefined) return refused('config-invalid', `The address ${ofUrl.message}`, 'url');
  const lines = plan.problems.map(({ line, path, message }) => {
    const place = line === null ? '' : `line ${line}: `;
    return `${place}${path === '' ? '' : `${path}: `}${message}`;
  });
  return refused('config-invalid', `The file ${target.path} has to be mended first. ${lines.join(' ')}`);
}

function keychainRefusal(change: Exclude<SecretChange, { kind: 'done' }>): ConnectionSave {
  const code = change.kind === 'locked' ? 'keychain-locked' : 'keychain-unavailable';
  return refused(code, errorSentence(code, change.reason), 'token');
}

function refused(code: ErrorCode, message: string, field?: 'url' | 'token'): ConnectionSave {
  return { kind: 'refused', code, message, ...(field === undefined ? {} : { field }) };
}
