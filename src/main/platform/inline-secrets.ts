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
