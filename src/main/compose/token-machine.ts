import type { RouterConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';
import type { CredentialInUse } from '../../shared/model/status';
import {
  ANCHOR_KEY_NAME,
  nameOfPrevious,
  previousEntry,
  resolveCredential,
  rotationOf,
  slotsOf,
  type CredentialSlot,
  type EnginePorts,
  type Rotation,
} from '../engine/index';
import type { SecretChange, StoredSecret } from '../engine/ports';
import type { Machine } from '../platform/machine';

import { problemLines } from './problem-lines';

/** A rotation that is ready to begin, or why there is none. */
export type RotationStart =
  | { readonly kind: 'ready'; readonly rotation: Rotation; readonly inUse: CredentialInUse }
  | { readonly kind: 'refused'; readonly message: string };

/** A stored token as people see it. */
export interface ListedToken extends StoredSecret {
  /** Until when the token before it is kept; ISO 8601. */
  readonly previousUntil?: string;
}

/** What `token` needs from the machine. */
export interface TokenMachine {
  /** Stores it, whatever was there before; a rotation that is under way ends. */
  set(name: string, value: string): Promise<SecretChange>;
  delete(name: string): Promise<SecretChange>;
  list(): Promise<readonly ListedToken[]>;
  /** `security.rotation_days`; 0 where there is no valid configuration. */
  rotationDays(): Promise<number>;
  /** @param name the keychain entry; undefined: the credential that the configuration uses */
  rotation(name: string | undefined, configPath: string | undefined): Promise<RotationStart>;
}

/** The commands on tokens, on this machine. */
export function tokenMachine(machine: Machine, ports: EnginePorts): TokenMachine {
  const { keychain } = machine;
  const forgetPrevious = async (name: string): Promise<void> => {
    const previous = previousEntry(name);
    if ((await keychain.list()).some((entry) => entry.name === previous)) await keychain.delete(previous);
  };
  const sweep = async (): Promise<void> => {
    for (const { name, expiresAt } of await keychain.list()) {
      if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) await keychain.delete(name);
    }
  };
  return {
    set: async (name, value) => {
      const change = await keychain.write(name, value);
      if (change.kind === 'done') await forgetPrevious(name);
      return change;
    },
    delete: async (name) => {
      await forgetPrevious(name);
      return keychain.delete(name);
    },
    list: async () => {
      await sweep();
      return listed(await keychain.list()).filter(({ name }) => name !== ANCHOR_KEY_NAME);
    },
    rotationDays: async () => {
      const loaded = await machine.loadConfig();
      return loaded.kind === 'valid' ? loaded.config.security.rotation_days : 0;
    },
    rotation: async (name, configPath) => {
      await sweep();
      const loaded = await machine.loadConfig(configPath);
      if (loaded.kind !== 'valid') {
        const why = problemLines(loaded).join(' ');
        return refused(`the configuration, which says where to prove it, cannot be used. ${why}`);
      }
      return rotationStart(loaded.config, ports, name);
    },
  };
}

function listed(stored: readonly StoredSecret[]): readonly ListedToken[] {
  const untils = new Map(stored.map(({ name, expiresAt }) => [nameOfPrevious(name), expiresAt]));
  return stored
    .filter(({ name }) => nameOfPrevious(name) === null)
    .map((entry) => {
      const previousUntil = untils.get(entry.name);
      return { ...entry, ...(previousUntil === undefined ? {} : { previousUntil }) };
    });
}

async function rotationStart(
  config: RouterConfig,
  ports: EnginePorts,
  name: string | undefined,
): Promise<RotationStart> {
  const { auth } = config.gateway;
  if (auth.type !== 'bearer') {
    return refused(`gateway.auth.type is "${auth.type}", so no token is in use`);
  }
  const slots = slotsOf(auth, ports);
  if (name === undefined) return inUseStart(slots, config, ports);
  const slot = slots.find(({ inUse }) => inUse.source === 'keychain' && inUse.name === name);
  if (slot !== undefined) return ready(slot, ports, config);
  return refused(
    `"${name}" is not what gateway.auth.token_secure_key names, so it cannot be proven; store it with: mcp-router token set ${name}`,
  );
}

/** The slot that a connection of now would use. */
async function inUseStart(
  slots: readonly CredentialSlot[],
  config: RouterConfig,
  ports: EnginePorts,
): Promise<RotationStart> {
  let inUse: CredentialInUse | undefined;
  try {
    inUse = (await resolveCredential(config.gateway.auth, ports))?.inUse;
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return refused(error.message);
  }
  const slot = slots.find((one) => one.inUse.source === inUse?.source && one.inUse.name === inUse.name);
  return slot === undefined ? refused(whereItIsFrom(inUse)) : ready(slot, ports, config);
}

function whereItIsFrom(inUse: CredentialInUse | undefined): string {
  const change = 'change it there, then send SIGHUP';
  switch (inUse?.source) {
    case 'environment':
      return `the token comes from the variable ${inUse.name}, which only whoever starts the router can change`;
    case 'command':
      return `the token comes from the program ${inUse.name}; ${change}`;
    case 'memory':
      return 'the token is known to the running app alone; enter the new one in its window';
    case 'oauth2':
      return 'the identity provider gives the token; change the client secret with mcp-router token set';
    case 'keychain':
    case 'file':
    case 'certificate':
    case undefined:
      return 'no token is in use';
  }
}

const ready = (slot: CredentialSlot, ports: EnginePorts, config: RouterConfig): RotationStart => ({
  kind: 'ready',
  rotation: rotationOf(slot, ports, config),
  inUse: slot.inUse,
});

const refused = (message: string): RotationStart => ({ kind: 'refused', message });
