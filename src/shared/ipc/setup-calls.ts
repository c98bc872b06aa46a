import type { EarlierSecret, GatewayLook } from '../model/gateway-look';
import { command, query, type CommandResult } from './call';

/** What looking at an address came to. */
export type LookResult =
  | { readonly kind: 'seen'; readonly look: GatewayLook }
  /** It is no address that can be used. */
  | { readonly kind: 'refused'; readonly message: string };

/** What an earlier router left on this machine. */
export interface EarlierRouter {
  /** Stored by it, named by the configuration, and not in our keychain. */
  readonly secrets: readonly EarlierSecret[];
  /** A token in clear text in the configuration file, which must go into the keychain. */
  readonly hasInlineToken: boolean;
}

/** An address where a person signs in with the browser, or that lets everybody in. */
export interface SetupAccess {
  readonly url: string;
  readonly access: 'sign-in' | 'open';
}

/** Setting the router up for the first time. */
export const setupCalls = {
  /** One look at the address; nothing is stored. */
  'setup.look': query<{ readonly url: string }, LookResult>(),
  'setup.earlier': query<void, EarlierRouter>(),
  /** Copies those secrets into our keychain, or moves the token of the file there; the values stay in the main process. */
  'setup.takeOver': command<void, CommandResult>(),
  /** Writes the address, and how the router gets in there without a token, into the file. */
  'setup.save': command<SetupAccess, CommandResult>(),
} as const;
