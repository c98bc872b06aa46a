import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';
import { matching } from './text-matchers';

const at = (url: string, ...more: readonly string[]): string =>
  ['gateway:', `  url: ${JSON.stringify(url)}`, ...more.map((line) => `  ${line}`), ''].join('\n');
const TCP = 'tcps://gateway.example.com:8444';

describe('an address of the TCP protocol', () => {
  it.each([
    TCP,
    'tcp+tls://gateway.example.com',
    'tcps://h/',
    'tcp://localhost',
    'tcp://127.0.0.1:9',
    'tcp://[::1]',
  ])('%s is good', (url) => {
    expect(problemLines(judge(at(url)))).toEqual([]);
  });

  it.each([
    ['tcp://gateway.example.com:9', 'use tcps://, or set gateway.allow_insecure: true'],
    ['tcp://10.0.0.1', 'tcp:// to another machine would send the token unencrypted'],
    ['tcp://127.0.0.1.example.com', 'refused'],
    ['tcps://gateway.example.com/mcp', 'must not have a path'],
    ['tcps://gateway.example.com?x=1', 'must not have a query'],
    ['tcps://user:pa55@gateway.example.com', 'must not hold a user name or password'],
    ['tcps:///', 'has no host'],
    ['tcps:gateway', 'has no host'],
  ])('SEC-15 %s is refused', (url, expected) => {
    const lines = problemLines(judge(at(url))).join('\n');
    expect(lines).toContain('error 2 gateway.url: ');
    expect(lines).toContain(expected);
    expect(lines).not.toContain('pa55');
  });

  it('may be plain to another machine when that is said, with a warning', () => {
    expect(problemLines(judge(at('tcp://10.0.0.1', 'allow_insecure: true')))).toEqual([
      matching(/^warning 2 gateway\.url: the connection is not encrypted/),
    ]);
  });
});

describe('what depends on the transport', () => {
  const gatewayOf = (text: string): unknown => {
    const loaded = judge(text);
    if (loaded.kind !== 'valid') throw new Error(problemLines(loaded).join());
    return loaded.config.gateway;
  };
  const documented = {
    dialect: 'gateway',
    negotiate: 'required',
    token_in: 'initialize',
    notifications: 'drop',
  };
  const MIB = 1024 * 1024;

  it.each([
    ['wss://h/', [], { transport: 'websocket', max_message_bytes: MIB }],
    ['TCPS://h', [], { transport: 'tcp', max_message_bytes: 10 * MIB, tcp: documented }],
    [TCP, ['transport: tcp', 'max_message_bytes: 4096'], { transport: 'tcp', max_message_bytes: 4096 }],
    [TCP, ['transport: auto'], { transport: 'tcp' }],
    [TCP, ['auth: { type: none }'], { tcp: { ...documented, notifications: 'send' } }],
    [
      TCP,
      ['tcp: { token_in: wrapper }'],
      { tcp: { ...documented, token_in: 'wrapper', notifications: 'send' } },
    ],
    [TCP, ['tcp: { notifications: send }'], { tcp: { ...documented, notifications: 'send' } }],
    [TCP, ['tcp: { dialect: go-router }'], { tcp: { token_in: 'wrapper', notifications: 'send' } }],
  ])('%s %j is filled in', (url, more, expected) => {
    expect(gatewayOf(at(url, ...more))).toMatchObject(expected);
  });

  it('can come from the environment', () => {
    const loaded = judge(at('wss://h/'), { MCP_GATEWAY_URL: TCP, MCP_GATEWAY_TCP_NEGOTIATE: 'off' });
    expect(loaded).toMatchObject({
      kind: 'valid',
      config: { gateway: { transport: 'tcp', tcp: { negotiate: 'off' } } },
    });
  });

  it.each([
    ['https://h/', 'transport: websocket', 'error 3 gateway.transport: does not fit gateway.url'],
    ['wss://h/', 'transport: gateway-http', 'error 3 gateway.transport: does not fit gateway.url'],
    [TCP, 'transport: streamable-http', 'error 3 gateway.transport: does not fit gateway.url'],
    ['https://h/', 'default_namespace: x', 'warning 3 gateway.default_namespace: is not used'],
    [TCP, 'transport: websocket', 'error 3 gateway.transport: does not fit gateway.url'],
    ['wss://h/', 'transport: tcp', 'error 3 gateway.transport: does not fit gateway.url'],
    [TCP, 'transport: udp', 'error 3 gateway.transport: must be one of'],
    [TCP, 'tcp: { dialect: b }', 'error 3 gateway.tcp.dialect: must be one of "gateway", "go-router"'],
    [
      TCP,
      'tcp: { dialect: go-router, token_in: initialize }',
      'error 3 gateway.tcp.token_in: must be "wrapper"',
    ],
    [
      TCP,
      'max_message_bytes: 10485761',
      'error 3 gateway.max_message_bytes: must be at most 10485760 on TCP',
    ],
    [TCP, 'tcp: { token_in: none }', 'warning 3 gateway.tcp.token_in: the token is read but never sent'],
    [TCP, 'auth: { per_message_auth: true }', 'warning 3 gateway.auth.per_message_auth: is not used'],
    [TCP, 'default_namespace: team', 'warning 3 gateway.default_namespace: is not used'],
    ['wss://h/', 'tcp: { negotiate: off }', 'warning 3 gateway.tcp.negotiate: is not used'],
    ['wss://h/', 'tcp: { dialect: gateway }', 'warning 3 gateway.tcp.dialect: is not used'],
  ])('SEC-17 %s with %s is said: %s', (url, line, expected) => {
    expect(problemLines(judge(at(url, line))).join('\n')).toContain(expected);
  });

  it('has nothing to say about what is used', () => {
    const goRouter = at(TCP, 'default_namespace: team', 'tcp: { dialect: go-router, token_in: wrapper }');
    expect(problemLines(judge(goRouter))).toEqual([]);
    const bare = at(TCP, 'auth: { type: none }', 'tcp: { token_in: none, negotiate: offered }');
    expect(problemLines(judge(bare))).toEqual([]);
  });
});
