import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CredentialInUse } from '../../../shared/model/status';
import type {
  CredentialFileLookup,
  CredentialFiles,
  SecretChange,
  SecretLookup,
  SecretStore,
} from '../ports';

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
  readonly inUse: CredentialInUse;
  /** Null when there is none. */
  read(): Promise<Secret | null>;
  write(secret: Secret): Promise<void>;
  readPrevious(): Promise<PreviousCredential | null>;
  keepPrevious(previous: PreviousCredential): Promise<void>;
  forgetPrevious(): Promise<void>;
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

/** The slot of a credential of that origin; null where it is not ours to write. */
export function slotOf(inUse: CredentialInUse, ports: SlotPorts): CredentialSlot | null {
  switch (inUse.source) {
    case 'keychain':
      return keychainSlot(inUse.name, ports.secrets);
    case 'file':
      return fileSlot(inUse.name, ports.files);
    default:
      return null;
  }
}

/** The slots that this configuration names, whichever of them is in use. */
export function slotsOf(auth: GatewayConfig['auth'], ports: SlotPorts): readonly CredentialSlot[] {
  const { token_secure_key: entry, token_file: file, token_storage: storage } = auth;
  return [
    ...(entry === undefined || storage !== 'keychain' ? [] : [keychainSlot(entry, ports.secrets)]),
    ...(file === undefined ? [] : [fileSlot(file, ports.files)]),
  ];
}

function keychainSlot(name: string, secrets: SecretStore): CredentialSlot {
  const previous = previousEntry(name);
  return {
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
function fileSlot(path: string, files: CredentialFiles): CredentialSlot {
  const previous = `${path}.previous`;
  const replace = async (at: string, text: string): Promise<void> => {
    const change = await files.replaceCredential(at, text);
    if (change.kind === 'failed') {
      throw new RouterError(
        'credential-file-unreadable',
        `${change.path} cannot be written: ${change.reason}`,
      );
    }
  };
  return {
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
      const change = await files.removeCredential(previous);
      if (change.kind === 'failed') {
        throw new RouterError(
          'credential-file-unreadable',
          `${change.path} cannot be removed: ${change.reason}`,
        );
      }
    },
  };
}

function fileText(lookup: CredentialFileLookup): string | null {
  switch (lookup.kind) {
    case 'found':
      return lookup.value;
    case 'missing':
      return null;
    case 'refused':
      throw new RouterError('credential-file-refused', `${lookup.path}: ${lookup.problem}`);
    case 'unreadable':
      throw new RouterError('credential-file-unreadable', `${lookup.path}: ${lookup.reason}`);
    default:
      return assertNever(lookup);
  }
}
