import { createConnection } from 'node:net';

/** What an HTTP server said on one connection. */
export interface RawAnswer {
  /** 0: nothing came. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends these bytes over a connection of its own, and resolves when the other side has closed it. */
export function rawHttp(port: number, bytes: string, host = '127.0.0.1'): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection({ port, host }, () => {
      socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    // A server that has refused need not read the rest: a reset is an end like another.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
        head,
        body: rest.join('\r\n\r\n'),
      });
    });
  });
}

/** One request after which the connection is closed. */
export function rawRequest(
  port: number,
  { method = 'GET', target = '/metrics', headers = {} }: RawRequest = {},
): Promise<RawAnswer> {
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return rawHttp(port, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
}

/** Its parts; the default is a good request for `/metrics`. */
export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
