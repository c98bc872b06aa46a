import type { Commands, CredentialFiles, Environment, ProcessLocks } from '../engine/ports';
import { createClientTokens, type ClientTokens } from './client-tokens';
import { createCommands } from './commands';
import { findLacks } from './config-check';
import { reportUnusable, reportValid, type ConfigReport } from './config-report';
import { createCredentialFiles } from './credential-files';
import { createEnvironment } from './environment';
import { createKeychain, type Keychain } from './keychain';
import { loadConfig, type LoadedConfig } from './load-config';
import { createLockdownMarker, type LockdownMarker } from './lockdown-marker';
import { pathRules, stateFolder, type Place } from './paths';
import { createProcessLocks } from './process-lock';
import { createSecretIndex } from './secret-index';

/** What a process knows about its user. */
export interface MachineFacts extends Place {
  readonly cwd: string;
  /** Effective user id; null on Windows. */
  readonly uid: number | null;
}

/** This machine as one user sees it: what does not depend on a configuration. */
export interface Machine {
  readonly place: Place;
  readonly keychain: Keychain;
  /** Where our own index of keychain entries is; null where it lives in memory. */
  readonly secretIndexPath: string | null;
  readonly environment: Environment;
  readonly commands: Commands;
  readonly locks: ProcessLocks;
  /** Of clients that connect over HTTP. */
  readonly clientTokens: ClientTokens;
  readonly lockdown: LockdownMarker;
  loadConfig(explicitPath?: string): Promise<LoadedConfig>;
  /** Credential files whose remarks go to the given function. */
  filesWith(onRemark: (path: string, remark: string) => void): CredentialFiles;
  /** Checks the configuration and whether this machine has what it needs. */
  checkConfig(explicitPath?: string): Promise<ConfigReport>;
}

/** Builds the adapters of this machine; nothing is opened before it is used. */
export function createMachine(facts: MachineFacts, onRemark: (remark: string) => void = () => {}): Machine {
  const { platform, env, home, cwd, uid } = facts;
  const place: Place = { platform, env, home };
  const folder = stateFolder(place);
  const inState = (name: string): string | null =>
    folder === undefined ? null : pathRules(platform).join(folder, name);
  const indexPath = inState('secrets.json');
  const locks = createProcessLocks(inState('locks'));
  const index = createSecretIndex(indexPath, platform);
  const keychain = createKeychain({ index, platform, now: () => new Date(), onRemark });
  const environment = createEnvironment(env);
  const commands = createCommands(place);
  const load = (explicitPath?: string): Promise<LoadedConfig> =>
    loadConfig({ place, cwd, uid, explicitPath });
  const filesWith: Machine['filesWith'] = (onFileRemark) =>
    createCredentialFiles({ place, uid, onRemark: onFileRemark });
  return {
    place,
    keychain,
    secretIndexPath: indexPath,
    environment,
    commands,
    locks,
    clientTokens: createClientTokens({
      path: inState('client-tokens.json'),
      platform,
      uid,
      locks,
      now: () => new Date(),
    }),
    lockdown: createLockdownMarker(place, uid),
    loadConfig: load,
    filesWith,
    checkConfig: async (explicitPath) => {
      const loaded = await load(explicitPath);
      if (loaded.kind !== 'valid') return reportUnusable(loaded);
      const found = await findLacks(loaded.config, {
        place,
        secrets: keychain,
        environment,
        commands,
        filesWith,
      });
      return reportValid(loaded, found);
    },
  };
}
