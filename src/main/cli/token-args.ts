import { parseArgs } from 'node:util';

import type { CredentialKind } from '../../shared/model/status';

import { mistake, type UsageRequest } from './usage-request';

/** Printed by `--help`, and below a mistake. */
export const TOKEN_USAGE = `Usage: mcp-router token set NAME       store a token or an OAuth client secret in the keychain; it is asked for, or
                                        read from stdin
       mcp-router token set --certificate FILE --key FILE
                                        put a client certificate and its key in place, checked but not tried
       mcp-router token rotate [NAME | --what token | --what client-secret]
                                        try a new one against the gateway (a client secret against the identity provider,
                                        and its token against the gateway), then put it in place of the old one; without
                                        NAME the one that the configuration uses, also in a file
       mcp-router token rotate --certificate FILE --key FILE
                                        the same for the client certificate; a passphrase of the new key is asked for
       mcp-router token rollback [NAME | --what token | --what client-secret | --what certificate]
                                        go back to the one before, while it is still kept
       mcp-router token list [--json]   names, dates and ages, also of client certificates; never a value
       mcp-router token delete NAME     remove a token or client secret from the keychain
       mcp-router token delete --what certificate
                                        delete the files of the client certificate, its key, and what is kept beside them

NAME is what gateway.auth.token_secure_key or client_secret_secure_key refers to, such as "gateway".
--endpoint URL says which one is meant, where several endpoints have credentials of their own. --config FILE names the
configuration.
Exit codes: 0 done, 1 not accepted, 2 the keychain (or the file) cannot be used, 3 the other side cannot be asked.
`;

/** What `mcp-router token ...` was asked to do. */
export type TokenRequest =
  | UsageRequest
  | { readonly kind: 'list'; readonly isJson: boolean; readonly configPath: string | undefined }
  | { readonly kind: 'set' | 'delete'; readonly name: string }
  | ChangeOver;

/** What puts another credential in the place of the one of now. */
export interface ChangeOver {
  readonly kind: 'set-certificate' | 'delete-certificate' | 'rotate' | 'rollback';
  /** Undefined: the one that the configuration uses. */
  readonly name: string | undefined;
  readonly what: CredentialKind | undefined;
  readonly endpoint: string | undefined;
  /** A new certificate and its key. */
  readonly pair: { readonly certificate: string; readonly key: string } | undefined;
  readonly configPath: string | undefined;
}

const NAME_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,63}$/;
/** Somebody put the token where its name belongs. */
const TOKEN_LOOK = /^(eyJ|sk-|sk_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-)/;
const KINDS: readonly CredentialKind[] = ['token', 'client-secret', 'certificate'];

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  what: { type: 'string' },
  endpoint: { type: 'string' },
  certificate: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the arguments behind the word `token`. */
export function parseTokenArgs(argv: readonly string[]): TokenRequest {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch {
    // The parser's own message repeats the argument, which may be a token.
    return mistake('an option is not known, or lacks its value');
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  const [verb, name, ...extra] = positionals;
  if (verb === 'list' && name === undefined) {
    return { kind: 'list', isJson: values.json ?? false, configPath: values.config };
  }
  if (verb !== 'set' && verb !== 'delete' && verb !== 'rotate' && verb !== 'rollback') {
    return mistake(verb === undefined ? 'a command is missing' : 'unknown command');
  }
  if (extra.length > 0) {
    // Never accepted there: other users see the arguments of a process, and the shell's history keeps them.
    return mistake('a token is never given as an argument; it is asked for, or read from stdin');
  }
  if (name !== undefined && !NAME_SHAPE.test(name))
    return mistake('NAME may hold letters, digits and . _ @ : / - (64 at most)');
  if (name !== undefined && TOKEN_LOOK.test(name))
    return mistake('NAME looks like a token; give the token a name, such as "gateway"');
  return requestOf(verb, name, values);
}

interface Flags {
  readonly config?: string | undefined;
  readonly what?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

function requestOf(
  verb: 'set' | 'delete' | 'rotate' | 'rollback',
  name: string | undefined,
  { config: configPath, what: given, endpoint, certificate, key }: Flags,
): TokenRequest {
  const hasPair = certificate !== undefined || key !== undefined;
  const isFiles = verb === 'delete' && given === 'certificate';
  if (!hasPair && !isFiles && (verb === 'set' || verb === 'delete')) {
    if (name === undefined) return mistake('NAME is missing');
    if (configPath !== undefined || given !== undefined || endpoint !== undefined)
      return mistake(`--config, --what and --endpoint do not belong to ${verb} NAME`);
    return { kind: verb, name };
  }
  const what = KINDS.find((kind) => kind === given);
  if (given !== undefined && what === undefined) return mistake(`--what is one of ${KINDS.join(', ')}`);
  const common = { name, endpoint, configPath };
  if (!hasPair) {
    if (isFiles && name !== undefined) return mistake('a client certificate has no NAME');
    if (verb === 'rotate' && what === 'certificate')
      return mistake('a client certificate comes from files: --certificate FILE --key FILE');
    const kind = isFiles ? 'delete-certificate' : verb === 'rotate' ? 'rotate' : 'rollback';
    return { kind, what, pair: undefined, ...common };
  }
  if (verb === 'rollback' || verb === 'delete')
    return mistake('--certificate and --key belong to set and rotate; say --what certificate');
  if (certificate === undefined || key === undefined)
    return mistake('--certificate FILE and --key FILE are needed both');
  if (name !== undefined || (what !== undefined && what !== 'certificate'))
    return mistake('--certificate and --key are about the client certificate, which has no NAME');
  const pair = { certificate, key };
  return { kind: verb === 'set' ? 'set-certificate' : 'rotate', what: 'certificate', pair, ...common };
}
