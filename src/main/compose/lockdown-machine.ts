import { auditChoice } from '../../shared/model/audit-choice';
import { RouterError } from '../../shared/model/errors';
import type { Lockdown, LockdownChange, LockdownSource } from '../../shared/model/lockdown';
import type { RouterConfig } from '../../shared/model/config';
import { ANCHOR_KEY_NAME } from '../engine/index';
import type { LoadedConfig } from '../platform/load-config';
import type { Machine } from '../platform/machine';

import type { CommandAudit } from './command-audit';
import type { SignInMachine } from './sign-in-machine';

/** What became of the request to end tokens where they were issued. */
export type Revocation =
  | { readonly kind: 'revoked' }
  /** Nobody was signed in. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'not-possible'; readonly reason: string };

/** What became of the entries of the keychain. */
export interface Deletion {
  readonly deleted: readonly string[];
  /** One sentence for each that is still there. */
  readonly failures: readonly string[];
}

/** What `lockdown` needs from the machine. */
export interface LockdownMachine {
  look(): Promise<Lockdown | null>;
  lock(by: LockdownSource, configPath?: string): Promise<LockdownChange>;
  release(configPath?: string): Promise<LockdownChange>;
  /** Ends a sign-in at the identity provider, and here. */
  revoke(configPath?: string): Promise<Revocation>;
  /** The entries that `deleteCredentials` deletes: all of ours but the key of the audit log, which is evidence. */
  credentials(): Promise<readonly string[]>;
  deleteCredentials(names: readonly string[], configPath?: string): Promise<Deletion>;
  /** What the router cannot take away, in words for people; and whom to tell. */
  advice(configPath?: string): Promise<readonly string[]>;
}

/** Builds it; what is done is recorded in the audit log where that is possible, and done all the same. */
export function lockdownMachine(
  machine: Pick<Machine, 'lockdown' | 'keychain' | 'loadConfig'>,
  parts: {
    readonly signIn: Pick<SignInMachine, 'signOut'>;
    readonly audit: CommandAudit;
    readonly warn: (text: string) => void;
  },
): LockdownMachine {
  const { lockdown, keychain } = machine;
  const { signIn, audit, warn } = parts;
  const record = (
    action: string,
    facts: Readonly<Record<string, string>>,
    configPath?: string,
  ): Promise<void> => recorded(audit, { action, facts, warn, configPath });
  return {
    look: () => lockdown.look(),
    lock: async (by, configPath) => {
      const change = await lockdown.set(by);
      if (change.kind === 'done') await record('lockdown', { by }, configPath);
      return change;
    },
    release: async (configPath) => {
      const change = await lockdown.clear();
      if (change.kind === 'done') await record('lockdown-released', {}, configPath);
      return change;
    },
    revoke: async (configPath) => revoked(await machine.loadConfig(configPath), configPath, signIn),
    credentials: async () => {
      const names = (await keychain.list()).map(({ name }) => name);
      return names.filter((name) => name !== ANCHOR_KEY_NAME).sort();
    },
    deleteCredentials: async (names, configPath) => {
      const deleted: string[] = [];
      const failures: string[] = [];
      for (const name of names) {
        const change = await keychain.delete(name);
        if (change.kind === 'done') deleted.push(name);
        else failures.push(`"${name}" is still in the keychain: ${change.reason}`);
      }
      for (const credential of deleted) await record('credential-deleted', { credential }, configPath);
      return { deleted, failures };
    },
    advice: async (configPath) => {
      const loaded = await machine.loadConfig(configPath);
      return loaded.kind === 'valid' ? adviceFor(loaded.config) : [];
    },
  };
}

/** A lockdown does not wait for an audit log that cannot be written, also where `audit_all` demands one. */
async function recorded(
  audit: CommandAudit,
  {
    action,
    facts,
    warn,
    configPath,
  }: {
    readonly action: string;
    readonly facts: Readonly<Record<string, string>>;
    readonly warn: (text: string) => void;
    readonly configPath: string | undefined;
  },
): Promise<void> {
  try {
    await audit.around(
      () => Promise.resolve(),
      () => ({ action, outcome: 'ok', code: null, facts }),
      configPath,
    );
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    warn(`"${action}" is not in the audit log: ${error.message}`);
  }
}

async function revoked(
  loaded: LoadedConfig,
  configPath: string | undefined,
  signIn: Pick<SignInMachine, 'signOut'>,
): Promise<Revocation> {
  const auth = loaded.kind === 'valid' ? loaded.config.gateway.auth : null;
  if (auth === null) return { kind: 'not-possible', reason: 'there is no valid configuration' };
  if (auth.type !== 'oauth2' || auth.grant_type !== 'authorization_code') {
    const reason = 'only a sign-in (grant_type authorization_code) can be ended from here';
    return { kind: 'not-possible', reason: `${reason}; revoke the credential where it was issued` };
  }
  try {
    const how = await signIn.signOut(configPath);
    if (how === 'revoked') return { kind: 'revoked' };
    if (how === 'nobody') return { kind: 'nothing' };
    const reason = 'signed out here, but the identity provider did not confirm it; end the sign-in there';
    return { kind: 'not-possible', reason };
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { kind: 'not-possible', reason: `${error.message} End the sign-in at the identity provider.` };
  }
}

/** Nothing is deleted that is not ours: files, variables and what others give. */
function adviceFor(config: RouterConfig): readonly string[] {
  const { contact } = config.security;
  const places = new Set(
    config.gateway_pool.endpoints.flatMap(({ auth }) => [
      ...(auth.token_env === undefined ? [] : [`the variable ${auth.token_env}`]),
      ...[auth.token_file, auth.client_secret_file, auth.client_key].flatMap((file) =>
        file === undefined ? [] : [`the file ${file}`],
      ),
      ...(auth.token_command === undefined ? [] : [`what ${auth.token_command[0] ?? ''} gives`]),
    ]),
  );
  const what = places.size === 0 ? '' : `; this is not touched: ${[...places].join(', ')}`;
  return [
    `Revoke the credentials where they were issued${what}.`,
    ...(auditChoice(config).enabled ? ['Look at the records: mcp-router audit tail -n 100'] : []),
    'Keep the facts for who looks into it: mcp-router incident export --output incident.json',
    ...(contact === undefined ? [] : [`Tell ${contact}.`]),
  ];
}
