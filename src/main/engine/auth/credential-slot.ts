import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CredentialInUse, CredentialKind } from '../../../shared/model/status';
import type { CredentialFiles, SecretChange, SecretLookup, SecretStore } from '../ports';

import { certificateSlot } from './certificate-slot';
import { fileText, mustBeRemoved, mustBeWritten } from './credential-text';
import { Secret } from './secret';
import { storedValue } from './stored-value';

/** The credential before the one of now, for as long as a rotation may go back to it. */
export interface PreviousCredential {
  readonly secret: Secret;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/**
 * The place of a credential that this program may write, and of the one before it. Everything is read past what is kept
 * in memory, because another process may have changed it.
 */
export interface CredentialSlot {
  readonly what: CredentialKind;
  readonly inUse: CredentialInUse;
  /** Null when there is none. */
  read(): Promise<Secret | null>;
  write(secret: Secret): Promise<void>;
  readPrevious(): Promise<PreviousCredential | null>;
  keepPrevious(previous: PreviousCredential): Promise<void>;
  forgetPrevious(): Promise<void>;
  /** Removes what processes left beside it that were killed while they wrote. */
  removeUnfinished?(): Promise<void>;
  /** Where a swap takes more than one step. */
  readonly recovery?: SwapRecovery;
  /** Deletes it with everything that is kept beside it; absent where that is done elsewhere. */
  remove?(): Promise<void>;
}

/** Ends a swap that somebody began and did not live to finish. */
export interface SwapRecovery {
  isNeeded(): Promise<boolean>;
  /** Only for whoever holds the lock of the slot. */
  finish(): Promise<void>;
}

/** Not a name that `token set` accepts, so that nobody's own entry is met. */
const PREVIOUS = '~previous';

/** The entry of the credential before the one of that name. */
export const previousEntry = (name: string): string => `${name}${PREVIOUS}`;

/** The name behind an entry that holds the credential before it; null for any other entry. */
export const nameOfPrevious = (entry: string): string | null =>
  entry.endsWith(PREVIOUS) ? entry.slice(0, -PREVIOUS.length) : null;

/** What a slot is read from and written to. */
export interface SlotPorts {
  readonly secrets: SecretStore;
  readonly files: CredentialFiles;
}

/** The slot of a token or client secret of that origin; null where it is not ours to write. */
export function slotOf(
  what: 'token' | 'client-secret',
  inUse: CredentialInUse,
  ports: SlotPorts,
): CredentialSlot | null {
  switch (inUse.source) {
    case 'keychain':
      return keychainSlot(what, inUse.name, ports.secrets);
    case 'file':
      return fileSlot(what, inUse.name, ports.files);
    default:
      return null;
  }
}

/** The slots that this configuration names, whichever of them is in use. */
export function slotsOf(auth: GatewayConfig['auth'], ports: SlotPorts): readonly CredentialSlot[] {
  const { secrets, files } = ports;
  const { token_secure_key: token, token_file: tokenFile, token_storage: storage } = auth;
  const { client_secret_secure_key: secret, client_secret_file: secretFile } = auth;
  const { client_cert: certificate, client_key: key } = auth;
  return [
    ...(token === undefined || storage !== 'keychain' ? [] : [keychainSlot('token', token, secrets)]),
    ...(tokenFile === undefined ? [] : [fileSlot('token', tokenFile, files)]),
    ...(secret === undefined ? [] : [keychainSlot('client-secret', secret, secrets)]),
    ...(secretFile === undefined ? [] : [fileSlot('client-secret', secretFile, files)]),
    ...(certificate === undefined || key === undefined ? [] : [certificateSlot({ certificate, key }, files)]),
  ];
}

/** Those of all endpoints, each once. */
export function slotsOfAll(
  endpoints: readonly Pick<GatewayConfig, 'auth'>[],
  ports: SlotPorts,
): readonly CredentialSlot[] {
  const slots = new Map<string, CredentialSlot>();
  for (const { auth } of endpoints) for (const slot of slotsOf(auth, ports)) slots.set(slotKey(slot), slot);
  return [...slots.values()];
}

/** Tells slots apart: a token and a client secret may stand in the same entry, but nowhere at once. */
export const slotKey = ({ what, inUse: { source, name } }: CredentialSlot): string =>
  `${what} ${source} ${name}`;

/** True where connections with this `auth` can come to use that kind of credential. */
export function usesKind({ type }: Pick<GatewayConfig['auth'], 'type'>, what: CredentialKind): boolean {
  switch (what) {
    case 'token':
      return type === 'bearer';
    case 'client-secret':
      return type === 'oauth2';
    case 'certificate':
      return type !== 'none';
    default:
      return assertNever(what);
  }
}

function keychainSlot(what: CredentialKind, name: string, secrets: SecretStore): CredentialSlot {
  const previous = previousEntry(name);
  return {
    what,
    inUse: { source: 'keychain', name },
    read: async () => storedSecret(await secrets.readAnew(name), name),
    write: async (secret) => {
      mustBeDone(await secrets.write(name, secret.reveal()));
    },
    readPrevious: async () => {
      const entry = (await secrets.list()).find((stored) => stored.name === previous);
      if (entry?.expiresAt === undefined) return null;
      const secret = storedSecret(await secrets.readAnew(previous), previous);
      return secret === null ? null : { secret, expiresAt: entry.expiresAt };
    },
    keepPrevious: async ({ secret, expiresAt }) => {
      mustBeDone(await secrets.write(previous, secret.reveal(), expiresAt));
    },
    forgetPrevious: async () => {
      mustBeDone(await secrets.delete(previous));
    },
  };
}

function storedSecret(lookup: SecretLookup, name: string): Secret | null {
  const value = storedValue(lookup, name);
  return value === null ? null : new Secret(value.trim());
}

function mustBeDone(change: SecretChange): void {
  if (change.kind === 'done') return;
  throw new RouterError(change.kind === 'locked' ? 'keychain-locked' : 'keychain-unavailable', change.reason);
}

/** Beside the token file stands the one before it: the token, and below it until when. */
function fileSlot(what: CredentialKind, path: string, files: CredentialFiles): CredentialSlot {
  const previous = `${path}.previous`;
  const replace = async (at: string, text: string): Promise<void> => {
    mustBeWritten(await files.replaceCredential(at, text));
  };
  return {
    what,
    inUse: { source: 'file', name: path },
    read: async () => {
      const text = fileText(await files.readCredential(path));
      return text === null ? null : new Secret(text.trim());
    },
    write: (secret) => replace(path, `${secret.reveal()}\n`),
    readPrevious: async () => {
      const [token = '', expiresAt = ''] = (fileText(await files.readCredential(previous)) ?? '').split('\n');
      const isWhole = token !== '' && !Number.isNaN(Date.parse(expiresAt));
      return isWhole ? { secret: new Secret(token), expiresAt } : null;
    },
    keepPrevious: ({ secret, expiresAt }) => replace(previous, `${secret.reveal()}\n${expiresAt}\n`),
    forgetPrevious: async () => {
      mustBeRemoved(await files.removeCredential(previous));
    },
    removeUnfinished: async () => {
      for (const at of [path, previous]) await files.removeUnfinished(at);
    },
  };
}
