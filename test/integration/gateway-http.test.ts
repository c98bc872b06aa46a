import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { echoBackend, type FunctionBackend } from '../support/gateway/backend-function';
import { startHttpFrontend } from '../support/gateway/http-frontend';
import { HttpBench } from '../support/http-bench';

const bench = new HttpBench();
afterEach(() => bench.stop());

const gatewayHttp = { transport: 'gateway-http' };
const inBody = (body: string | undefined, member: string): unknown => {
  const value: unknown = JSON.parse(body ?? '{}');
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === member)?.[1]
    : undefined;
};

describe("the gateway's HTTP frontend", () => {
  it('gets an envelope at its default path and answers with a bare reply', async () => {
    const server = bench.own(await startHttpFrontend({ backend: echoBackend() }));
    const client = bench.attach(server.urlFor('/'), { gateway: gatewayHttp });
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'function' } });
    client.request('two', 'tools/call', { name: 'x' });
    expect((await client.reply('two')).result).toEqual({ method: 'tools/call', params: { name: 'x' } });
    const last = server.posts('tools/call')[0];
    expect(last?.path).toBe('/api/v1/mcp');
    expect(inBody(last?.body, 'id')).toBe('two');
    expect(inBody(last?.body, 'target_namespace')).toBe('system');
    expect(client.lines).toHaveLength(2);
  });

  it('SEC-10 matches an error without an id by the exchange it came in', async () => {
    const server = bench.own(await startHttpFrontend({ backend: echoBackend() }));
    const client = bench.attach(server.urlFor('/api/v1/mcp'), { gateway: gatewayHttp });
    await client.initialize();
    client.request(1, 'k8s.pods');
    client.request(2, 'tools/list');
    const [failed, good] = await Promise.all([client.reply(1), client.reply(2)]);
    expect(failed.error).toMatchObject({ code: -32603 });
    expect(failed.error?.message).toContain('no endpoints available for namespace: k8s');
    expect(good.result).toMatchObject({ method: 'tools/list' });
  });

  it('authenticates each request, over TLS', async () => {
    const authority = createAuthority('Test authority');
    const certificate = authority.issueServer({ hosts: ['localhost'] });
    const auth = { kind: 'tokens' as const, tokens: ['good'] };
    const server = bench.own(await startHttpFrontend({ backend: echoBackend(), auth, certificate }));
    const files = { '/ca.pem': { kind: 'found' as const, value: authority.certificatePem } };
    const gateway = { ...gatewayHttp, tls: { ca_cert_path: '/ca.pem' }, auth: { token_env: 'T' } };
    const good = { files, variables: { T: 'good' } };
    const client = bench.attach(server.urlFor('/', 'localhost'), { gateway }, { machine: good });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toMatchObject({ method: 'tools/list' });
    expect(inBody(server.posts('tools/list')[0]?.body, 'auth_token')).toBe('good');
    const bad = bench.attach(
      server.urlFor('/', 'localhost'),
      { gateway },
      { machine: { files, variables: { T: 'bad' } } },
    );
    bad.request(1, 'tools/list');
    expect((await bad.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(bench.under.kinds('auth-failed')).toHaveLength(1);
  });

  it('opens without reaching a server behind it', async () => {
    const seen: string[] = [];
    const backend: FunctionBackend = { kind: 'function', handle: ({ method }) => seen.push(method) };
    const server = bench.own(await startHttpFrontend({ backend }));
    bench.attach(server.urlFor('/'), { gateway: gatewayHttp }, { hasKeeper: true });
    const { engine } = bench.under;
    await bench.under.until('connected', () => engine.status().keeper.name === 'connected');
    expect(seen).toEqual([]);
  });
});
