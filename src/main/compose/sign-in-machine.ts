import type { RouterConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';
import { signIn, signOut, type EnginePorts, type SignedIn } from '../engine/index';
import type { Machine } from '../platform/machine';
import { openUrl } from '../platform/open-url';

import { problemLines } from './problem-lines';

/** Signing in and out as the command line sees it. */
export interface SignInMachine {
  signIn(configPath: string | undefined, showUrl: (url: string) => Promise<void>): Promise<SignedIn>;
  signOut(configPath: string | undefined): Promise<'revoked' | 'signed-out' | 'nobody'>;
  openUrl(url: string): Promise<boolean>;
}

/** What signing in stands on. */
export interface SignInParts {
  readonly platform: NodeJS.Platform;
  readonly portsFor: (config: RouterConfig) => EnginePorts;
  readonly signal: AbortSignal;
}

/** Builds it for a machine; the configuration is read when it is needed. */
export function signInMachine(machine: Machine, { platform, portsFor, signal }: SignInParts): SignInMachine {
  const prepared = async (configPath?: string): Promise<{ config: RouterConfig; ports: EnginePorts }> => {
    const loaded = await machine.loadConfig(configPath);
    if (loaded.kind !== 'valid') throw new RouterError('config-invalid', problemLines(loaded).join(' '));
    const { config } = loaded;
    const { auth } = config.gateway;
    if (auth.type !== 'oauth2' || auth.grant_type !== 'authorization_code') {
      throw new RouterError(
        'config-invalid',
        'gateway.auth needs type oauth2 and grant_type authorization_code',
      );
    }
    return { config, ports: portsFor(config) };
  };
  return {
    signIn: async (configPath, showUrl) => {
      if ((await machine.lockdown.look()) !== null) throw new RouterError('locked-down');
      return signIn({ ...(await prepared(configPath)), openUrl: showUrl, signal });
    },
    signOut: async (configPath) => signOut(await prepared(configPath)),
    openUrl: (url) => openUrl(url, platform),
  };
}
