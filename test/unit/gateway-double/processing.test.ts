import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../support/certificates';
import type { FunctionBackend, FunctionReply } from '../../support/gateway/backend-function';
import { echoBackend } from '../../support/gateway/backend-function';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { GatewayOptions } from '../../support/gateway/settings';
import { RawRouter } from './raw-router';

const MIB = 1024 * 1024;

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function start(options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await startGateway({ backend: echoBackend(), ...options });
  return gateway;
}

async function connected(options: GatewayOptions = {}): Promise<{ running: Gateway; router: RawRouter }> {
  const running = await start(options);
  return { running, router: await RawRouter.connect(running.url) };
}

/** Answers when the test says so. */
function patientBackend(): FunctionBackend & { readonly open: Map<unknown, FunctionReply> } {
  const open = new Map<unknown, FunctionReply>();
  return {
    kind: 'function',
    open,
    handle: ({ id }, reply) => {
      open.set(id, reply);
    },
  };
}

const request = (id: unknown): unknown => ({ jsonrpc: '2.0', id, method: 'tools/list' });

describe('one connection', () => {
  it('is served strictly one message after the other', async () => {
    const backend = patientBackend();
    const { running, router } = await connected({ backend });
    router.send(request(1));
    router.send(request(2));
    await running.until('both to arrive', () => running.recording.messages.length === 2);
    expect([...backend.open.keys()]).toStrictEqual([1]);
    backend.open.get(1)?.result({});
    expect(await router.nextPayload()).toContain('"id":1');
    await running.until('the second', () => backend.open.has(2));
    backend.open.get(2)?.result({});
    expect(await router.nextPayload()).toContain('"id":2');
  });

  it('answers a ping only when nothing is in flight', async () => {
    const backend = patientBackend();
    const { running, router } = await connected({ backend });
    router.ping('idle');
    await router.until('a pong', () => router.pongs.length === 1);
    router.send(request(1));
    router.ping('busy');
    await running.until('the request', () => running.recording.messages.length === 1);
    running.broadcast('marker');
    expect(await router.nextFrame()).toBe('marker');
    expect(router.pongs).toStrictEqual(['idle']);
    backend.open.get(1)?.result({});
    await router.until('the late pong', () => router.pongs.length === 2);
    expect(router.frames).toHaveLength(2);
  });

  it('does not hold up another one', async () => {
    const backend = patientBackend();
    const { running, router } = await connected({ backend });
    const other = await RawRouter.connect(running.url);
    router.send(request(1));
    await running.until('the first', () => backend.open.has(1));
    other.send(request(2));
    await running.until('the second', () => backend.open.has(2));
    backend.open.get(2)?.result({});
    expect(await other.nextPayload()).toContain('"id":2');
  });

  it('is pinged with an empty payload', async () => {
    const { router } = await connected({ pingIntervalMs: 5 });
    await router.until('two pings', () => router.pings >= 2);
  });

  it('takes exactly 1 MiB and is closed with 1009 above', async () => {
    const { running, router } = await connected();
    const frame = (bytes: number): string => {
      const start = '{"id":1,"target_namespace":"system","mcp_payload":{"id":1,"method":"ping","params":"';
      return `${start}${'x'.repeat(bytes - start.length - 3)}"}}`;
    };
    router.sendText(frame(MIB));
    expect((await router.nextFrame()).length).toBeGreaterThan(MIB / 2);
    router.sendText(frame(MIB + 1));
    await router.until('the close', () => router.close !== null);
    expect(router.close?.code).toBe(1009);
    expect(running.recording.messages).toHaveLength(1);
  });

  it('answers a close frame', async () => {
    const { running, router } = await connected();
    router.leave();
    await router.until('the close', () => router.close !== null);
    expect(router.close?.code).toBe(1000);
    expect(running.recording.closes).toStrictEqual([{ connection: 1, code: 1000, reason: '' }]);
  });
});

describe('notifications', () => {
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };

  it('get an error with a null id in faithful mode, though the backend took them', async () => {
    const seen: string[] = [];
    const backend: FunctionBackend = {
      kind: 'function',
      handle: ({ method, id }) => {
        seen.push(`${method} ${String(id)}`);
      },
    };
    const { router } = await connected({ backend });
    router.send({ ...initialized, id: null });
    expect(JSON.parse(await router.nextFrame())).toMatchObject({
      id: null,
      mcp_payload: {
        id: null,
        error: {
          message:
            '[router] forward_request: INTERNAL: failed to forward request: backend returned status 202: ',
        },
      },
    });
    expect(seen).toStrictEqual(['notifications/initialized undefined']);
  });

  it('are never answered in strict mode, not even with an unknown namespace', async () => {
    const { router } = await connected({ notifications: 'strict' });
    router.send(initialized);
    router.send(initialized, { namespace: 'nowhere' });
    expect(await router.call('ping', {}, 'after')).toContain('"id":"after"');
    expect(router.frames).toHaveLength(1);
  });
});

describe('the end', () => {
  it('is abrupt on stop: no close frame, and the port is free', async () => {
    const { running, router } = await connected();
    await running.stop();
    await router.until('the close', () => router.close !== null);
    expect(router.close?.code).toBe(1006);
    await expect(RawRouter.connect(running.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(['plain', 'TLS'])('resets a %s socket on kill', async (kind) => {
    const authority = createAuthority('Test CA');
    const tls = authority.issueServer({ hosts: ['localhost'] });
    const running = await start(kind === 'TLS' ? { tls } : {});
    const socket =
      kind === 'TLS'
        ? connectTls({ port: running.port, ca: authority.certificatePem, servername: 'localhost' })
        : connect({ port: running.port, host: '127.0.0.1' });
    const failed = new Promise((resolve) => socket.once('error', resolve));
    const upgraded = new Promise((resolve) => socket.once('data', resolve));
    socket.write(
      'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    expect(String(await upgraded)).toContain('101 Switching Protocols');
    await running.kill();
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });

  it('drops requests that are in flight', async () => {
    const backend = patientBackend();
    const { running, router } = await connected({ backend });
    router.send(request(1));
    await running.until('the request', () => backend.open.has(1));
    await running.stop();
    await router.until('the close', () => router.close !== null);
    expect(router.frames).toStrictEqual([]);
  });

  it('can be followed by a restart on the same port, which counts on', async () => {
    const { running, router } = await connected();
    const { url } = running;
    await router.call('ping');
    await running.restart();
    expect(running.url).toBe(url);
    const again = await RawRouter.connect(url);
    await again.call('ping');
    expect(running.recording.requests('ping').map(({ connection }) => connection)).toStrictEqual([1, 2]);
  });

  it('can be repeated', async () => {
    const { running } = await connected();
    await Promise.all([running.stop(), running.stop()]);
    await running.kill();
    expect(running.connections).toStrictEqual([]);
  });
});
