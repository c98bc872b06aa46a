import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';

const GUIDE = `gateway:
  url: wss://gateway.example.com:8443/
  auth:
    type: oauth2
    client_id: "mcp-client"
    client_secret_env: OAUTH_CLIENT_SECRET  # Never hardcode
    token_endpoint: "https://auth.example.com/token"
    scopes: ["mcp:read", "mcp:write"]  # Minimum required scopes
`;

const without = (key: string): string =>
  GUIDE.split('\n')
    .filter((line) => !line.trim().startsWith(`${key}:`))
    .join('\n');
const withLine = (line: string, text = GUIDE): string => `${text}    ${line}\n`;

describe('OAuth2 settings', () => {
  it('of the guide are valid without a remark', () => {
    const loaded = judge(GUIDE);
    expect(problemLines(loaded)).toEqual([]);
    expect(loaded.kind === 'valid' && loaded.config.gateway.auth).toMatchObject({
      client_id: 'mcp-client',
      scopes: ['mcp:read', 'mcp:write'],
      grant_type: 'client_credentials',
      client_auth: 'basic',
      token_storage: 'keychain',
      token_timeout_ms: 10_000,
      tls: { verify: true, min_version: '1.3' },
    });
  });

  it('may come from the environment, lists with commas', () => {
    const loaded = judge('gateway: { url: "wss://gateway.example.com/" }\n', {
      MCP_GATEWAY_AUTH_TYPE: 'oauth2',
      MCP_GATEWAY_AUTH_CLIENT_ID: 'mcp-client',
      MCP_GATEWAY_AUTH_CLIENT_SECRET_FILE: '/run/secrets/idp',
      MCP_GATEWAY_AUTH_TOKEN_ENDPOINT: 'https://auth.example.com/token',
      MCP_GATEWAY_AUTH_SCOPES: 'mcp:read, mcp:write',
    });
    expect(problemLines(loaded)).toEqual([]);
    expect(loaded.kind === 'valid' && loaded.config.gateway.auth.scopes).toEqual(['mcp:read', 'mcp:write']);
  });

  const missing: readonly [string, RegExp][] = [
    ['client_id', /needs client_id/],
    ['token_endpoint', /needs token_endpoint/],
    ['client_secret_env', /needs client_secret_secure_key, client_secret_env, client_secret_file/],
  ];
  it.each(missing)('without %s are invalid', (key, words) => {
    expect(problemLines(judge(without(key)))).toEqual([expect.stringMatching(words)]);
  });

  const endpoints: readonly [string, RegExp | null][] = [
    ['http://auth.example.com/token', /must start with https/],
    ['http://127.0.0.1:8080/token', null],
    ['ftp://auth.example.com/token', /must start with https/],
    ['auth.example.com/token', /is not an address|must start with https/],
    ['https://me:secret@auth.example.com/token', /must not hold a secret/],
    ['https://auth.example.com/token?client_secret=x', /must not hold a secret/],
    ['https://auth.example.com/token#x', /must not have a fragment/],
  ];
  it.each(endpoints)('SEC-45 with token_endpoint %s', (address, words) => {
    const loaded = judge(withLine(`token_endpoint: "${address}"`, without('token_endpoint')));
    expect(problemLines(loaded)).toEqual(words === null ? [] : [expect.stringMatching(words)]);
    expect(loaded.kind).toBe(words === null ? 'valid' : 'invalid');
  });

  const refused: readonly [string, RegExp][] = [
    ['client_secret: "s3cr3t"', /would hold the secret itself/],
    ['password: "s3cr3t"', /would hold the secret itself/],
    ['client_secret_file: secrets/idp', /must be a full path/],
    ['client_secret_secure_key: "sk-live-0123456789"', /looks like the secret itself/],
    ['scope: "mcp:read"', /says the same as "scopes"/],
    [
      'grant_type: implicit',
      /one of "client_credentials", "password", "refresh_token", "authorization_code"/,
    ],
    ['client_auth: none', /one of "basic", "post"/],
    ['token_timeout_ms: 60000', /from 1 to 30000/],
    ['tls: { ca_cert_path: ca.pem }', /must be a full path/],
    ['tls: { min_version: "1.1" }', /one of "1.2", "1.3"/],
  ];
  it.each(refused)('SEC-06 refuses %s without repeating a secret', (line, words) => {
    const lines = problemLines(judge(withLine(line)));
    expect(lines).toContainEqual(expect.stringMatching(words));
    expect(lines.join('\n')).not.toMatch(/s3cr3t|0123456789/);
  });

  it.each([
    ['scopes: ["mcp:read mcp:write"]', /one scope per item/],
    ['scopes: ["mcp\\u0001"]', /cannot have/],
    ['scopes: 7', /must be a list of texts/],
    ['scopes: [7]', /must be a list of texts/],
    ['scopes: [[]]', /must be a list of texts/],
  ])('refuses %s', (line, words) => {
    expect(problemLines(judge(withLine(line, without('scopes'))))).toContainEqual(
      expect.stringMatching(words),
    );
  });

  it.each([
    ['grant_type: password', /needs password_secure_key/],
    ['grant_type: password', /needs username/],
    ['grant_type: refresh_token', /needs refresh_token_secure_key/],
  ])('ask with %s for what it takes', (line, words) => {
    expect(problemLines(judge(withLine(line)))).toContainEqual(expect.stringMatching(words));
  });

  it('of grants with a user may have no client secret', () => {
    const text = withLine('username: ann', withLine('grant_type: password', without('client_secret_env')));
    expect(problemLines(judge(withLine('password_env: MY_PASSWORD', text)))).toEqual([]);
  });

  it.each([
    ['tls: { verify: false }', /can pose as the identity provider/],
    ['username: ann', /is not used, because grant_type is "client_credentials"/],
    ['token_storage: memory', /is not used, because grant_type is "client_credentials"/],
    ['client_secret_file: ~/.mcp/idp', /is used only when gateway.auth.client_secret_env gives nothing/],
    ['token_env: MCP_AUTH_TOKEN', /is not used, because gateway.auth.type is "oauth2"/],
  ])('warn about %s', (line, words) => {
    const loaded = judge(withLine(line));
    expect(problemLines(loaded)).toEqual([expect.stringMatching(words)]);
    expect(loaded.kind).toBe('valid');
  });

  const SIGN_IN = `gateway:
  url: wss://gateway.example.com:8443/
  auth:
    type: oauth2
    grant_type: authorization_code
`;

  it('of a sign-in need nothing else', () => {
    expect(problemLines(judge(SIGN_IN))).toEqual([]);
    const more = withLine('client_id: app', withLine('issuer: https://auth.example.com', SIGN_IN));
    expect(problemLines(judge(more))).toEqual([]);
  });

  it.each([
    ['issuer: http://auth.example.com', /must start with https/],
    ['token_storage: memory', /signing in is a command of its own/],
    [
      'token_endpoint: https://auth.example.com/token',
      /is not used, because grant_type is "authorization_code"/,
    ],
  ])('of a sign-in are told about %s', (line, words) => {
    expect(problemLines(judge(withLine(line, SIGN_IN)))).toEqual([expect.stringMatching(words)]);
  });

  it('beside another type are said to be unused', () => {
    const lines = problemLines(judge(GUIDE.replace('type: oauth2', 'type: bearer')));
    expect(lines).toHaveLength(4);
    expect(lines).toContainEqual(
      expect.stringMatching(/client_id: is not used, because gateway.auth.type is "bearer"/),
    );
  });
});
