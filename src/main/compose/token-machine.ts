import type { RouterConfig } from '../../shared/model/config';
import type { NamedCertificate } from '../../shared/model/credential-age';
import { errorSentence, RouterError } from '../../shared/model/errors';
import type { CredentialInUse, CredentialKind } from '../../shared/model/status';
import {
  bundleCandidate,
  certificateCandidate,
  endOverlap,
  endpointsWith,
  finishRotation,
  ANCHOR_KEY_NAME,
  nameOfPrevious,
  namedCertificates,
  previousEntry,
  removeCredential,
  replaceUnproven,
  rotationOf,
  slotsOfAll,
  type CertificateCandidate,
  type CredentialSlot,
  type EnginePorts,
  type Rotation,
} from '../engine/index';
import type { SecretChange, StoredSecret } from '../engine/ports';
import type { Machine } from '../platform/machine';

import { problemLines } from './problem-lines';
import { chooseSlot, type RotationRequest } from './rotation-choice';

/** A rotation that is ready to begin, or why there is none. */
export type RotationStart =
  | {
      readonly kind: 'ready';
      readonly rotation: Rotation;
      readonly what: CredentialKind;
      readonly inUse: CredentialInUse;
      /** Reads and checks a new client certificate with its key. Throws RouterError. */
      candidate(
        from: CertificateFiles,
        askPassphrase: () => Promise<string | null>,
      ): Promise<CertificateCandidate>;
      /** Puts it in place without proving it; no way back is kept. Throws RouterError. */
      replace(value: string): Promise<void>;
      /** Deletes the one before now; there is no way back afterwards. Throws RouterError. */
      endOverlap(): Promise<void>;
      /** Deletes a client certificate with its key, and the pair before it. Throws RouterError. */
      remove(): Promise<void>;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Where a new certificate and its key are: two files, or one PKCS#12 bundle. */
export type CertificateFiles =
  { readonly certificate: string; readonly key: string } | { readonly bundle: string };

/** A stored token or client secret as people see it. */
export interface ListedToken extends StoredSecret {
  /** Until when the one before it is kept; ISO 8601. */
  readonly previousUntil?: string;
}

/** A client certificate as people see it. */
export interface ListedCertificate extends NamedCertificate {
  readonly previousUntil?: string;
}

/** Everything that can be rotated and has an age. */
export interface Listed {
  readonly stored: readonly ListedToken[];
  readonly certificates: readonly ListedCertificate[];
  /** `security.rotation_days`; 0 where there is no valid configuration. */
  readonly rotationDays: number;
}

/** What `token` needs from the machine. */
export interface TokenMachine {
  /** Stores it, whatever was there before; a rotation that is under way ends. */
  set(name: string, value: string): Promise<SecretChange>;
  delete(name: string): Promise<SecretChange>;
  list(configPath?: string): Promise<Listed>;
  /** @param request says which credential is meant, where it is not the only one */
  rotation(request: RotationRequest, configPath: string | undefined): Promise<RotationStart>;
}

/** The commands on tokens, client secrets and client certificates, on this machine. */
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
    list: async (configPath) => {
      await sweep();
      const loaded = await machine.loadConfig(configPath);
      const stored = listed(await keychain.list()).filter(({ name }) => name !== ANCHOR_KEY_NAME);
      if (loaded.kind !== 'valid') return { stored, certificates: [], rotationDays: 0 };
      const { config } = loaded;
      await tidy(config, ports);
      const certificates = await listedCertificates(config, ports);
      return { stored, certificates, rotationDays: config.security.rotation_days };
    },
    rotation: async (request, configPath) => {
      if ((await machine.lockdown.look()) !== null) {
        return refused(
          `${errorSentence('locked-down')} Store a new one without trying it: mcp-router token set`,
        );
      }
      await sweep();
      const loaded = await machine.loadConfig(configPath);
      if (loaded.kind !== 'valid') {
        const why = problemLines(loaded).join(' ');
        return refused(`the configuration, which says where to prove it, cannot be used. ${why}`);
      }
      await tidy(loaded.config, ports);
      const choice = await chooseSlot(loaded.config, ports, request);
      return choice.kind === 'refused' ? choice : ready(choice.slot, ports, loaded.config);
    },
  };
}

/** Ends what somebody did not live to finish, and deletes what is kept beside files for longer than it should. */
async function tidy(config: RouterConfig, ports: EnginePorts): Promise<void> {
  for (const slot of slotsOfAll(config.gateway_pool.endpoints, ports)) {
    if (slot.inUse.source === 'keychain') continue;
    try {
      await finishRotation(slot, ports);
      const previous = await slot.readPrevious();
      if (previous !== null && Date.parse(previous.expiresAt) <= ports.clock.now())
        await slot.forgetPrevious();
    } catch (error) {
      // Whoever works on that slot is told.
      if (!(error instanceof RouterError)) throw error;
    }
  }
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

async function listedCertificates(
  config: RouterConfig,
  ports: EnginePorts,
): Promise<readonly ListedCertificate[]> {
  const { endpoints } = config.gateway_pool;
  const slots = slotsOfAll(endpoints, ports).filter(({ what }) => what === 'certificate');
  const certificates: ListedCertificate[] = [];
  for (const named of await namedCertificates(endpoints, ports.files)) {
    const slot = slots.find(({ inUse }) => inUse.name === named.path);
    const until = slot === undefined ? undefined : await previousUntil(slot);
    certificates.push({ ...named, ...(until === undefined ? {} : { previousUntil: until }) });
  }
  return certificates;
}

async function previousUntil(slot: CredentialSlot): Promise<string | undefined> {
  try {
    return (await slot.readPrevious())?.expiresAt;
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return undefined;
  }
}

function ready(slot: CredentialSlot, ports: EnginePorts, config: RouterConfig): RotationStart {
  const [endpoint] = endpointsWith(slot, config, ports);
  return {
    kind: 'ready',
    rotation: rotationOf(slot, ports, config),
    what: slot.what,
    inUse: slot.inUse,
    candidate: (from, askPassphrase) => {
      const parts = { auth: endpoint?.auth ?? config.gateway.auth, slot, ports, askPassphrase };
      return 'bundle' in from ? bundleCandidate(from.bundle, parts) : certificateCandidate(from, parts);
    },
    replace: (value) => replaceUnproven(slot, value, ports),
    endOverlap: () => endOverlap(slot, ports),
    remove: () => removeCredential(slot, ports),
  };
}

const refused = (message: string): RotationStart => ({ kind: 'refused', message });
