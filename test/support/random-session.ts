import type { Action, Limits, RandomSetup } from './session-actions';
import { spellings } from './session-actions';
import { deferred, type Deferred } from './deferred';
import { EngineUnderTest, StreamTestClient, testConfig } from './engine-client';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionMessage,
  type FunctionReply,
  type FunctionSession,
} from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';
import { rawMembers } from './gateway/json';
import { RandomClient } from './random-client';

const MAX_MESSAGE_BYTES = 65_536;
const MAX_LINE_BYTES = 262_144;

/** Limits that no client of these reaches. */
const WELL: Limits = {
  max_concurrent_requests: 100,
  max_queued_requests: 100,
  request_timeout_ms: 60_000,
};

/** What the server behind the gateway has seen. */
class CountingServer {
  /** How often each method was called. */
  readonly calls = new Map<string, number>();
  readonly sessions: FunctionSession[] = [];
  /** Connections that asked, and that were answered, by question. */
  readonly asked = new Map<string, number>();
  readonly answers: { readonly id: string; readonly connection: number }[] = [];

  readonly backend: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      this.handle(message, reply, session);
    },
  };

  ask(session: FunctionSession): void {
    const id = `q${String(this.asked.size)}`;
    this.asked.set(id, session.connection);
    session.send({ id, method: 'ask' });
  }

  private handle(message: FunctionMessage, reply: FunctionReply, session: FunctionSession): void {
    if (!this.sessions.includes(session)) this.sessions.push(session);
    const { method, params, id } = message;
    if (method === '') this.answers.push({ id: String(id), connection: session.connection });
    else this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    if (method === 'initialize') reply.result(minimalInitializeResult(params));
    else reply.result({ method });
  }
}

/** A real engine between random clients and a gateway to which random things happen. */
export class RandomSession {
  readonly clients: readonly RandomClient[];
  private limits: Limits;
  private serial = 0;
  private isOn = true;
  private isGatewayUp = true;
  private mayLoseReplies = false;
  private readonly held: Deferred[] = [];
  private readonly reloads: Promise<void>[] = [];

  private constructor(
    readonly gateway: Gateway,
    readonly server: CountingServer,
    readonly under: EngineUnderTest,
    private readonly setup: RandomSetup,
  ) {
    const { clients, limits } = setup;
    under.engine.start();
    this.limits = limits;
    this.clients = Array.from(
      { length: clients },
      () => new RandomClient(new StreamTestClient(under.engine), () => this.limits.request_timeout_ms),
    );
  }

  static async start(setup: RandomSetup): Promise<RandomSession> {
    const server = new CountingServer();
    const gateway = await startGateway({
      backend: server.backend,
      duplex: setup.isDuplex,
      maxMessageBytes: MAX_MESSAGE_BYTES,
    });
    const under = new EngineUnderTest(configOf(gateway, setup.limits, setup.pool), {
      hasKeeper: setup.hasKeeper,
    });
    return new RandomSession(gateway, server, under, setup);
  }

  async perform(action: Action): Promise<void> {
    if ('client' in action) {
      const client = this.clients[action.client % this.clients.length];
      if (client !== undefined && !client.isLeaving) await this.performFor(client, action);
      return;
    }
    await this.performOnSurroundings(action);
  }

  /**
   * Everything outside becomes well again. From then on every request has to succeed, however its id is written.
   *
   * @returns the spellings whose request got something else than its result, with what it got
   */
  async recover(): Promise<readonly string[]> {
    const { engine } = this.under;
    this.gateway.faults.clear();
    await this.performOnSurroundings({ kind: 'release' });
    await this.performOnSurroundings({ kind: 'gateway-returns' });
    // Renewing ends what waits for replies that were lost.
    await engine.reload(configOf(this.gateway, WELL, this.setup.pool), 'test');
    engine.connect();
    await this.under.until('recovery', () =>
      engine.status().sessions.every(({ connection }) => connection.name === 'connected'),
    );
    const unlucky = this.clients
      .filter(({ isLeaving }) => !isLeaving)
      .flatMap((client) => Object.values(spellings).map((spell) => this.tryOne(client, spell)));
    return (await Promise.all(unlucky)).filter((line) => line !== '');
  }

  /** Everybody leaves; what is still held stays held. */
  async end(): Promise<void> {
    for (const client of this.clients) leave(client);
    await Promise.all(this.clients.map((client) => client.stream.left));
    await Promise.all(this.reloads);
  }

  async stop(): Promise<void> {
    await this.under.engine.stop();
    await this.gateway.stop();
  }

  private async tryOne(client: RandomClient, spell: (serial: number) => string): Promise<string> {
    const serial = this.nextSerial();
    const idText = spell(serial);
    client.request(idText, `m${String(serial)}`);
    await client.stream.until(`a reply to ${idText}`, () => client.repliesTo(idText) > 0);
    const line = client.stream.lines.find((candidate) => rawMembers(candidate).get('id') === idText) ?? '';
    return rawMembers(line).has('result') ? '' : line;
  }

  private async performFor(client: RandomClient, action: Extract<Action, { client: number }>): Promise<void> {
    switch (action.kind) {
      case 'request': {
        const serial = this.nextSerial();
        client.request(spellings[action.spelling](serial), `m${String(serial)}`);
        break;
      }
      case 'request-again': {
        const previous = client.sent[action.pick % Math.max(1, client.sent.length)];
        if (previous === undefined || client.cancelled.has(previous.idText)) return;
        client.request(previous.idText, `m${String(this.nextSerial())}`);
        break;
      }
      case 'large-request': {
        const serial = this.nextSerial();
        client.request(`"large ${String(serial)}"`, `m${String(serial)}`, `"${'x'.repeat(action.bytes)}"`);
        break;
      }
      case 'initialize':
        initialize(client, this.nextSerial());
        break;
      case 'notification':
        client.stream.send(`{"jsonrpc":"2.0","method":"n${String(this.nextSerial())}"}`);
        break;
      case 'rubbish':
        client.rubbish += 1;
        client.stream.send('{"jsonrpc":"2.0","id":1,"method":');
        break;
      case 'cancel':
        return this.cancel(client, action.pick);
      case 'answer':
        return this.answer(client, action.pick);
      case 'until-deadlines-passed':
        return untilDeadlinesPassed(client);
      case 'leave':
        leave(client);
        await client.stream.left;
        return;
    }
    await client.sync();
  }

  private async cancel(client: RandomClient, pick: number): Promise<void> {
    const ids = client.sent.map(({ idText }) => idText);
    const idText = ids[pick % Math.max(1, ids.length)];
    if (idText === undefined || ids.indexOf(idText) !== ids.lastIndexOf(idText)) return;
    if (client.cancelled.has(idText)) return;
    client.stream.send(
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idText}}}`,
    );
    await client.sync();
    client.cancelled.set(idText, client.repliesTo(idText));
  }

  private async answer(client: RandomClient, pick: number): Promise<void> {
    const { questions } = client;
    const id = questions[pick % Math.max(1, questions.length)];
    if (id === undefined) return;
    client.answered.add(id);
    client.stream.send(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    await client.sync();
  }

  private async performOnSurroundings(action: Exclude<Action, { client: number }>): Promise<void> {
    const { engine } = this.under;
    switch (action.kind) {
      case 'server-asks': {
        const session = this.server.sessions.at(
          -1 - (action.pick % Math.max(1, this.server.sessions.length)),
        );
        if (session !== undefined) this.server.ask(session);
        return;
      }
      case 'fault':
        this.mayLoseReplies = true;
        this.gateway.faults.next(action.fault === 'hold' ? this.hold() : action.fault);
        return;
      case 'release':
        for (const { resolve } of this.held.splice(0)) resolve();
        return;
      case 'drop-connections':
        this.gateway.dropConnections(action.code);
        return;
      case 'gateway-dies':
        this.isGatewayUp = false;
        await this.gateway.kill();
        return;
      case 'gateway-returns':
        if (!this.isGatewayUp) await this.gateway.restart();
        this.isGatewayUp = true;
        return;
      case 'upgrade-refused':
        this.gateway.faults.next({ kind: 'refuse-upgrade', status: action.status });
        return;
      case 'switch-off':
        this.isOn = false;
        await engine.disconnect();
        return;
      case 'switch-on':
        this.isOn = true;
        engine.connect();
        return;
      case 'reload':
        this.limits = action.limits;
        this.reloads.push(engine.reload(configOf(this.gateway, action.limits, this.setup.pool), 'test'));
        return;
      case 'until-connected':
        if (this.isOn && this.isGatewayUp && !this.mayTakeLong) await this.untilConnected();
    }
  }

  /** The reply that was lost may be the one to a repeated handshake, and its deadline is far away. */
  private get mayTakeLong(): boolean {
    return this.mayLoseReplies && this.limits.request_timeout_ms >= WELL.request_timeout_ms;
  }

  private untilConnected(): Promise<void> {
    const { engine } = this.under;
    const settled = ['connected', 'failed'];
    return this.under.until('a connection', () =>
      engine.status().sessions.every(({ connection }) => settled.includes(connection.name)),
    );
  }

  private hold(): { readonly kind: 'hold-reply'; readonly until: Promise<unknown> } {
    const reply = deferred();
    this.held.push(reply);
    return { kind: 'hold-reply', until: reply.promise };
  }

  private nextSerial(): number {
    this.serial += 1;
    return this.serial;
  }
}

function initialize(client: RandomClient, serial: number): void {
  const params =
    '{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"random","version":"1"}}';
  client.request(`"init ${String(serial)}"`, 'initialize', params);
  client.stream.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
}

/** Waits for the replies that come soon in any case; for others nobody waits. */
async function untilDeadlinesPassed(client: RandomClient): Promise<void> {
  if (client.unanswered.some(({ timeoutMs }) => timeoutMs >= WELL.request_timeout_ms)) return;
  await client.stream.until('the deadlines', () => client.unanswered.length === 0);
}

function leave(client: RandomClient): void {
  client.isLeaving = true;
  client.stream.input.end();
}

function configOf(gateway: Gateway, limits: Limits, pool: number): ReturnType<typeof testConfig> {
  return testConfig(gateway.url, {
    gateway: {
      auth: { type: 'none' },
      connection: {
        reconnect: { initial_delay_ms: 2, max_delay_ms: 10 },
        // So short that connections come and go.
        pool: { max_connections: pool, idle_timeout_ms: 20 },
      },
      max_message_bytes: MAX_MESSAGE_BYTES,
    },
    local: {
      ...limits,
      max_line_bytes: MAX_LINE_BYTES,
      drain_timeout_ms: 30,
      rate_limit: { enabled: false },
    },
  });
}
