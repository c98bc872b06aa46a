import { shown } from './shown-text';

/** Names of keys whose value would be the secret itself. */
const secretNames: ReadonlySet<string> = new Set([
  'token',
  'auth_token',
  'bearer_token',
  'access_token',
  'refresh_token',
  'id_token',
  'api_key',
  'apikey',
  'secret',
  'client_secret',
  'password',
  'passphrase',
  'private_key',
  'authorization',
]);

/** True when a key of that name would hold a secret in clear text. */
export function isSecretName(name: string): boolean {
  return secretNames.has(name.toLowerCase().replaceAll('-', '_'));
}

/** What to do with a secret that stands in the file. */
export function wayOut(name: string, path: string): string {
  if (path === 'gateway.proxy.password') {
    return '"password" would hold the secret itself, which is not accepted in this file. Remove it, replace the secret (it was on disk), and use password_secure_key (mcp-router token set proxy), password_env or password_file';
  }
  return (
    `"${name}" would hold the secret itself, which is not accepted in this file. Remove it, replace the secret (it was on disk), and use one of: ` +
    'the keychain (mcp-router token set gateway, then token_secure_key: gateway); ' +
    'the environment (token_env: MCP_AUTH_TOKEN); ' +
    'a file of mode 0600 (chmod 600 ~/.mcp/token, then token_file: ~/.mcp/token)'
  );
}

/**
 * True when a text that should be a name looks like a token: somebody took `token_env` for the place of the token.
 * JSON Web Tokens and the prefixes that providers give their tokens are known by sight.
 */
export function looksLikeSecret(text: string): boolean {
  return (
    /^eyJ[\w-]+\.[\w-]+/.test(text) ||
    /^(bearer\s|sk-|sk_|pk_|rk_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza)/i.test(text) ||
    /^[A-Za-z0-9+/_=-]{80,}$/.test(text)
  );
}

/** Key of the file as messages may name it: what cannot be the name of a key is not repeated, for it may be a secret. */
export function shownKey(key: string): string {
  return /^[\p{Cc}\p{Cf}\w .<>$-]{1,64}$/u.test(key) && !looksLikeSecret(key) ? shown(key) : '(not shown)';
}

const REPLACE =
  'looks like the secret itself; write the name of where it is stored, and replace the secret (it was on disk)';

/**
 * What is wrong with the name of the place where a secret is kept; null when nothing is. Somebody may have written the
 * secret in its place, so the text is never repeated.
 *
 * @param key ends in `_secure_key`, `_env` or `_file`
 */
export function referenceProblem(key: string, text: string): string | null {
  const isPath = /^[/~]/.test(text);
  if (!isPath && looksLikeSecret(text)) return REPLACE;
  if (text === '') return null;
  if (key.endsWith('_env') && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) {
    return 'must be the name of an environment variable, such as MCP_AUTH_TOKEN (without $ and braces)';
  }
  // The names that `token set` accepts.
  if (key.endsWith('_secure_key') && !/^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,63}$/.test(text)) {
    return 'may hold letters, digits and . _ @ : / - only, 64 at most';
  }
  return null;
}
