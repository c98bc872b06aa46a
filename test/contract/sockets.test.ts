import { describe, expect, it } from 'vitest';

import { readSource, sourceFiles } from './source-imports';

const AUTH = 'src/main/engine/auth';
const withText = (pattern: RegExp): readonly string[] =>
  sourceFiles('src/main/engine').filter((file) => pattern.test(readSource(file)));

/** What opens a socket by itself would go around a proxy. */
describe('SEC-36 the engine opens sockets in one place', () => {
  it.each([
    [
      'asks Node for a connection',
      /import \{[^}]*\b(connect|createConnection|request|get|Agent)\b[^}]*\} from 'node:(net|tls|http|https|http2)'/,
      ['http-agent.ts', 'http-client.ts', 'plain-socket.ts', 'tls-connect.ts'],
    ],
    ['opens TCP', /\bopenPlain\(/, ['open-socket.ts', 'plain-socket.ts', 'proxy-tunnel.ts']],
    ['opens TLS', /\bconnectTls\(/, ['open-socket.ts', 'proxy-tunnel.ts', 'tls-connect.ts']],
    ['opens a tunnel', /\bopenTunnel\(/, ['open-socket.ts', 'proxy-tunnel.ts']],
  ])('%s', (_what, pattern, files) => {
    expect(withText(pattern)).toEqual(files.map((file) => `${AUTH}/${file}`));
  });

  it('gives ws and HTTP requests sockets that are open already', () => {
    const webSocket = readSource('src/main/engine/gateway/transports/websocket.ts');
    expect(webSocket.match(/new WebSocket\(/g)).toHaveLength(1);
    expect(webSocket).toContain('createConnection: () => link.socket');
    const client = readSource(`${AUTH}/http-client.ts`);
    expect(client.match(/httpRequest\(/g)).toHaveLength(1);
    expect(client).toMatch(/httpRequest\(\{\s*agent,/);
    const agent = readSource(`${AUTH}/http-agent.ts`);
    expect(agent).not.toContain('super.createConnection');
    expect(agent).toMatch(/override createConnection\(.*\{\s*this\.open\(/);
  });
});
