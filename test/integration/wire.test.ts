import { createServer, type Server } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { EngineUnderTest, StreamTestClient, testConfig } from '../support/engine-client';
import { ManualClock } from '../support/manual-clock';
import { closeFrame, RawGateway, textFrame, type RawConnection } from '../support/raw-gateway';

let gateway: RawGateway;
let under: EngineUnderTest;

afterEach(async () => {
  await under.engine.stop();
  await gateway.stop();
});

async function attach(
  onUpgrade: (connection: RawConnection) => void,
  changes: Record<string, unknown> = {},
): Promise<StreamTestClient> {
  gateway = await RawGateway.start(onUpgrade);
  under = new EngineUnderTest(testConfig(gateway.url, changes));
  under.engine.start();
  return new StreamTestClient(under.engine);
}

const isConnected = (): boolean => under.engine.status().sessions[0]?.connection.name === 'connected';

describe('a peer with manners of its own', () => {
  it('that says goodbye and keeps the line open is left soon, and what comes meanwhile waits for the next one', async () => {
    const first: RawConnection[] = [];
    const client = await attach((connection) => {
      if (connection.number > 1) connection.serve();
      else {
        first.push(connection);
        connection.accept();
      }
    });
    await under.until('connected', isConnected);
    const goodbye = new Promise<void>((resolve) => {
      // The router's own goodbye is the sign that it has read ours.
      first[0]?.socket.once('data', () => {
        resolve();
      });
    });
    first[0]?.socket.write(closeFrame(1001));
    await goodbye;
    client.request(1, 'after the goodbye');
    expect((await client.reply(1)).result).toEqual({});
    expect(client.lines).toHaveLength(1);
  });

  it('that says something together with its answer to the upgrade is heard', async () => {
    const notice = '{"jsonrpc":"2.0","method":"notifications/message","params":{}}';
    const client = await attach((connection) => {
      connection.accept(textFrame(notice));
    });
    await client.until('the notice', () => client.lines.length === 1);
    expect(client.lines).toEqual([notice]);
  });

  it('that sends what is not UTF-8 is left', async () => {
    const client = await attach((connection) => {
      if (connection.number > 1) connection.serve();
      else connection.accept(Buffer.from([0x81, 0x02, 0xc3, 0x28]));
    });
    client.request(1, 'm');
    await client.reply(1);
    await under.until('another connection', () => gateway.upgrades >= 2);
    expect(under.events.filter(({ kind }) => kind === 'connection-failed')).toMatchObject([
      { code: 'gateway-lost' },
    ]);
  });

  it('whose answer trickles is left after timeout_ms in all', async () => {
    const client = await attach(
      ({ socket }) => {
        const trickle = setInterval(() => socket.write('x'), 10);
        socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Slow: ');
        socket.once('close', () => {
          clearInterval(trickle);
        });
      },
      { gateway: { auth: { type: 'none' }, connection: { timeout_ms: 120 } } },
    );
    await under.until('a verdict', () => under.kinds('connection-failed').length > 0, 2000);
    expect(under.kinds('connection-failed')[0]).toMatchObject({
      code: 'gateway-unreachable',
      detail: 'no answer in time',
    });
    client.input.end();
  });

  it('that accepts the connection and says nothing at all is left after timeout_ms', async () => {
    const silent: Server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    gateway = await RawGateway.start(() => undefined);
    under = new EngineUnderTest(
      testConfig(`wss://127.0.0.1:${String(port)}/`, {
        gateway: { auth: { type: 'none' }, connection: { timeout_ms: 80 } },
      }),
      { hasKeeper: true },
    );
    under.engine.start();
    await under.until('a verdict', () => under.kinds('connection-failed').length > 0, 2000);
    expect(under.engine.status().cause).toEqual({ code: 'gateway-unreachable', detail: 'no answer in time' });
    silent.close();
  });
});

describe('a peer that is silent', () => {
  const HOUR_MS = 3_600_000;

  async function connectSilent(clock: ManualClock): Promise<RawConnection> {
    const connections: RawConnection[] = [];
    gateway = await RawGateway.start((connection) => {
      connections.push(connection);
      connection.accept();
    });
    under = new EngineUnderTest(testConfig(gateway.url), { hasKeeper: true, clock });
    under.engine.start();
    await under.until('connected', () => under.engine.status().keeper.name === 'connected');
    const [connection] = connections;
    if (connection === undefined) throw new Error('nothing was accepted');
    return connection;
  }

  it.each([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ])('is left after keepalive and pong limit, though the clock is set %s meanwhile', async (_way, byMs) => {
    const clock = new ManualClock();
    await connectSilent(clock);
    clock.advance(30_000);
    clock.set(byMs);
    clock.advance(59_000);
    expect(under.engine.status().keeper.name).toBe('connected');
    clock.advance(1000);
    await under.until('the loss', () => under.kinds('connection-failed').length === 1);
    expect(under.kinds('connection-failed')[0]).toMatchObject({ detail: 'no answer to a ping' });
  });

  it('lives as long as anything arrives from it', async () => {
    const clock = new ManualClock();
    const { socket } = await connectSilent(clock);
    for (let round = 1; round <= 5; round += 1) {
      clock.advance(45_000);
      socket.write(textFrame('{"jsonrpc":"2.0","method":"notifications/message"}'));
      await under.until('it arrived', () => under.kinds('message-dropped').length === round);
    }
    expect(under.kinds('connection-failed')).toEqual([]);
  });
});
