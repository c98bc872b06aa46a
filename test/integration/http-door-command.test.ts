import { existsSync, readFileSync, statSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AttachBench, initialize } from '../support/attach-bench';
import type { RouterProcess } from '../support/router-process';

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start();
});
afterEach(() => bench.stop());

const FILE = '.local/state/mcp-router/client-tokens.json';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function token(...args: readonly string[]): Promise<Ended> {
  const router = bench.run(['clients', 'token', ...args]);
  const code = await router.end();
  return { code, out: router.lines.join('\n'), err: router.stderr };
}

const addressOf = ({ stderr }: RouterProcess): string | undefined =>
  /"door":"http","address":"([^"]+)"/.exec(stderr)?.[1];

async function served(): Promise<{
  router: RouterProcess;
  post: (value: string, more?: object) => Promise<Response>;
}> {
  const router = await bench.serve();
  await router.until('the address', () => addressOf(router) !== undefined);
  const url = `http://${addressOf(router) ?? ''}/mcp`;
  const post = (value: string, more: object = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${value}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...more,
      },
      body: JSON.stringify(initialize),
    });
  return { router, post };
}

describe('serve with local.http', () => {
  it('local.http.enabled: without it nothing listens, and with it at local.http.address', async () => {
    const off = await bench.serve();
    expect(addressOf(off)).toBeUndefined();
    off.child.kill('SIGTERM');
    await off.exited;
    bench.configure('local: { http: { enabled: true, address: "127.0.0.1:0" } }\n');
    const { router, post } = await served();
    expect(addressOf(router)).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect((await post('nobody')).status).toBe(401);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  });

  it('SEC-94 SEC-95 a token made by the command opens it, and revoked by the command ends its sessions', async () => {
    bench.configure('local: { http: { enabled: true, address: "127.0.0.1:0" } }\n');
    const { router, post } = await served();
    const made = await token('add', 'editor');
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/^[\w-]{43}$/);
    expect(statSync(`${bench.home.path}/${FILE}`).mode & 0o777).toBe(0o600);
    const listed = await token('list');
    expect(listed.out).toMatch(/^editor {2}since \d{4}-/);
    const opened = await until200(() => post(made.out));
    expect(opened.headers.get('mcp-session-id')).not.toBeNull();
    expect(router.stderr).toContain('"owner":"editor"');
    expect((await token('revoke', 'editor')).code).toBe(0);
    await router.until('revoked', () => router.stderr.includes('client revoked'));
    expect((await post(made.out)).status).toBe(401);
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    // Neither the log, nor the list, nor the file has the token.
    const written = [router.stderr, listed.out, readFileSync(`${bench.home.path}/${FILE}`, 'utf8')].join(
      '\n',
    );
    expect(written).not.toContain(made.out);
  });

  it('is said and shown when the address is taken, and the router goes on', async () => {
    bench.configure('local: { http: { enabled: true, address: "127.0.0.1:0" } }\n');
    const { router } = await served();
    const address = addressOf(router) ?? '';
    bench.configure(
      `local: { http: { enabled: true, address: "${address}" }, socket: { enabled: false } }\n`,
      'b.yaml',
    );
    const second = bench.run(['serve', '--config', bench.config]);
    await second.until('a word', () => second.stderr.includes('another program uses local.http.address'));
    await second.until('connected', () => second.stderr.includes('connection connected'));
  });

  it.each([
    [[], 64],
    [['add'], 64],
    [['frob', 'x'], 64],
    [['add', 'a', 'b'], 64],
    [['revoke', 'nobody'], 1],
    [['add', 'a/b'], 1],
  ])('clients token %j ends with %i, and writes nothing', async (args, code) => {
    expect((await token(...args)).code).toBe(code);
    expect(existsSync(`${bench.home.path}/${FILE}`)).toBe(false);
  });
});

/** The router hears of a new token a moment later than the command ends. */
async function until200(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    const response = await ask();
    if (response.status === 200 || tries > 200) return response;
    await response.text();
  }
}
