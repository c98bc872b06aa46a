import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';
import { matching } from './text-matchers';

const http = (lines: string): ReturnType<typeof judge> =>
  judge(`gateway:\n  url: wss://gateway.example/\nlocal:\n  http: ${lines}\n`, {});

describe('local.http in the configuration', () => {
  it('is off unless it is switched on', () => {
    expect(http('{}')).toMatchObject({
      kind: 'valid',
      config: { local: { http: { enabled: false, address: '127.0.0.1:9642', allowed_origins: [] } } },
    });
  });

  it.each(['"127.0.0.1:9642"', '"localhost:0"', '"[::1]:9642"', '"127.9.9.9:1"'])(
    '%s is accepted',
    (address) => {
      expect(problemLines(http(`{ enabled: true, address: ${address} }`))).toEqual([]);
    },
  );

  it.each(['"0.0.0.0:9642"', '":9642"', '"[::]:9642"', '"192.168.1.5:9642"', '"router.example:9642"'])(
    'SEC-93 %s is refused: other machines could reach it',
    (address) => {
      for (const enabled of ['true', 'false']) {
        const judged = http(`{ enabled: ${enabled}, address: ${address} }`);
        expect(judged.kind).toBe('invalid');
        expect(problemLines(judged)).toEqual([
          matching(/^error 4 local.http.address: must be an address of this machine/),
        ]);
      }
    },
  );

  it.each(['"http://127.0.0.1:9642/mcp"', '"9642"', '"127.0.0.1"', '"127.0.0.1:99999"'])(
    '%s is no address',
    (address) => {
      expect(problemLines(http(`{ address: ${address} }`))).toEqual([
        matching(/^error 4 local.http.address: must be written like/),
      ]);
    },
  );

  it.each(['https://app.example.com/path', '*', 'app.example.com', 'null'])('%s is no origin', (origin) => {
    expect(problemLines(http(`{ allowed_origins: [https://app.example.com, "${origin}"] }`))).toEqual([
      matching(/^error 4 local.http.allowed_origins.*: must be an origin/),
    ]);
  });
});
