import { describe, expect, it } from 'vitest';

import { withoutTokenShapes } from '../../../src/main/platform/token-shapes';

/** Put together here, so that no scanner takes this file for a leak. */
const longs = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z';
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N'].join('.');
const pem = (end: string): string =>
  [
    '-----BEGIN',
    ' EC PRIVATE KEY-----',
    end,
    'MHcCAQEEIIrYSSNQFaA2',
    end,
    '-----END',
    ' EC PRIVATE KEY-----',
  ].join('');

const secret: readonly (readonly [name: string, text: string, secret: string])[] = [
  ['a JSON Web Token', `sent ${jwt} there`, jwt],
  ['a bearer header', `Authorization: Bearer ${longs}`, longs],
  ['a bearer header in JSON', `{"headers":{"authorization":"Bearer ${longs}"}}`, longs],
  [
    'a basic header in JSON in JSON',
    String.raw`{\"Authorization\":\"Basic dXNlcjpodW50ZXIy\"}`,
    'dXNlcjpodW50ZXIy',
  ],
  ['a proxy header', `proxy-authorization: Basic dXNlcjpodW50ZXIy`, 'dXNlcjpodW50ZXIy'],
  ['bearer alone', `with bearer ${longs}`, longs],
  ['a cookie', 'Cookie: sid=31d4d96e407aad42; theme=dark', '31d4d96e407aad42'],
  ['a cookie that is set', '"set-cookie": "sid=31d4d96e407aad42; HttpOnly"', '31d4d96e407aad42'],
  ['a password in an address', 'dial wss://user:hunter2@gateway.example/mcp', 'hunter2'],
  ['a parameter of an address', 'GET https://a.example/cb?state=1&code=s3cr3tcode&x=2', 's3cr3tcode'],
  ['a form', 'grant_type=password&client_secret=s3cr3t&scope=a', 's3cr3t'],
  ['a member of JSON', `{"name":"a","api_key":"s3cr3t"}`, 's3cr3t'],
  ['a member of JSON in JSON', String.raw`{\"db_password\": \"s3cr3t\"}`, 's3cr3t'],
  ['OpenAI', `sk-proj-${longs}`, longs],
  ['Anthropic', `sk-ant-api03-${longs}`, longs],
  ['Stripe', `rk_live_${longs}`, longs],
  ['GitHub', `ghp_${longs}`, longs],
  ['GitHub, fine-grained', `github_pat_${longs}`, longs],
  ['GitLab', `glpat-${longs}`, longs],
  ['AWS', `AKIAIOSFODNN7EXAMPLE`, 'IOSFODNN7EXAMPLE'],
  ['an AWS secret', `aws_secret_access_key = ${`${longs}abcdefgh`.slice(0, 40)}`, longs],
  ['Slack', `xoxb-${longs}`, longs],
  ['Google', `AIza${longs}7`, longs],
  ['npm', `npm_${longs}`, longs],
  ['a private key', pem('\n'), 'MHcCAQEEIIrYSSNQFaA2'],
  ['a private key in JSON', pem(String.raw`\n`), 'MHcCAQEEIIrYSSNQFaA2'],
  ['a private key that is cut off', pem('\n').slice(0, 45), 'MHcCAQEE'],
];

/** What operators read must stay. */
const harmless = [
  'auth failed: the token was refused (HTTP status 401)',
  'credential used source=token_file name=/run/secrets/mcp-token lane=keeper',
  'gateway.auth.token_file: there is no file /home/a/token',
  'configuration applied changed=gateway.auth.token_env logging.level',
  'connection connected endpoint=wss://gateway.example:8443/mcp',
  'token: Set MCP_AUTH_TOKEN or store one with mcp-router token set',
  'the basic authentication of a proxy, and a bearer token of the gateway',
  'rate limit exceeded limit=local.rate_limit session=s1 method=tools/call',
  '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"sort","arguments":{"keys":["a","b"]}}}',
  '{"progressToken":"p1","nextCursor":"eyJvZmZzZXQ"}',
];

describe('SEC-53 what looks like a token leaves the log', () => {
  it.each(secret)('%s', (_name, text, value) => {
    const clean = withoutTokenShapes(text);
    expect(text).toContain(value);
    expect(clean).not.toContain(value);
    expect(clean).toContain('[masked]');
    expect(withoutTokenShapes(clean)).toBe(clean);
  });

  it.each(harmless)('leaves alone: %s', (text) => {
    expect(withoutTokenShapes(text)).toBe(text);
  });

  it('keeps what is around it', () => {
    expect(withoutTokenShapes('a ?code=x&state=1 {"token":"y","z":1}')).toBe(
      'a ?code=[masked]&state=1 {"token":"[masked]","z":1}',
    );
  });
});
