import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { GatewayProcess } from '../support/gateway-process';
import { RouterProcess, TemporaryHome } from '../support/router-process';

/** As many as the promise says; a shorter run is for trying things out. */
const RESTARTS = Number(process.env['MCP_ROUTER_TEST_RESTARTS'] ?? 200);
const IN_FLIGHT = 6;
const LIMIT_MS = 480_000;

let home: TemporaryHome;
let gateway: GatewayProcess;
let router: RouterProcess;
let load: Load;

/** Seeded, so that a failing run can be repeated. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Keeps a number of tool calls in flight, each with a key of its own, and sends none a second time. */
class Load {
  sent = 0;
  readonly outcomes = new Map<string, number>();
  private seen = 0;
  private isRunning = true;
  private readonly replies = new Map<number, number>();

  constructor(private readonly target: RouterProcess) {
    target.child.stdout?.on('data', () => {
      this.takeReplies();
    });
  }

  get succeeded(): number {
    this.takeReplies();
    return this.outcomes.get('result') ?? 0;
  }

  get answered(): number {
    this.takeReplies();
    return this.replies.size;
  }

  start(): void {
    for (let index = 0; index < IN_FLIGHT; index += 1) this.call();
  }

  stop(): void {
    this.isRunning = false;
  }

  /** How often each id was answered; one is right. */
  replyCounts(): readonly number[] {
    return Array.from({ length: this.sent }, (_unused, index) => this.replies.get(index + 1) ?? 0);
  }

  private call(): void {
    this.sent += 1;
    const key = `call-${String(this.sent)}`;
    this.target.send({
      jsonrpc: '2.0',
      id: this.sent,
      method: 'tools/call',
      params: { name: 'increment', arguments: { key } },
    });
  }

  private takeReplies(): void {
    const { lines } = this.target;
    for (; this.seen < lines.length; this.seen += 1) {
      const reply = readReply(lines[this.seen] ?? '');
      if (typeof reply.id !== 'number') continue;
      this.replies.set(reply.id, (this.replies.get(reply.id) ?? 0) + 1);
      this.outcomes.set(reply.outcome, (this.outcomes.get(reply.outcome) ?? 0) + 1);
      if (this.isRunning) this.call();
    }
  }
}

interface ReadReply {
  readonly id: unknown;
  readonly outcome: string;
}

function readReply(line: string): ReadReply {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('id' in value)) return { id: null, outcome: 'other' };
  if ('result' in value) return { id: value.id, outcome: 'result' };
  return { id: value.id, outcome: /"code":"([a-z-]+)"/.exec(line)?.[1] ?? line };
}

const linesOf = (path: string): readonly string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

beforeEach(() => {
  home = new TemporaryHome();
});

afterEach(async () => {
  router.child.kill('SIGKILL');
  await gateway.kill();
  home.remove();
});

async function startEverything(): Promise<void> {
  home.write('calls.jsonl', '');
  home.write('frames.jsonl', '');
  gateway = new GatewayProcess({
    flags: ['--record', join(home.path, 'frames.jsonl')],
    command: [
      process.execPath,
      'test/support/servers/stateful.mjs',
      '--record',
      join(home.path, 'calls.jsonl'),
    ],
  });
  await gateway.start();
  const config = home.write(
    'router.yaml',
    `gateway:
  url: ${gateway.url}
  auth: { type: none }
  connection: { reconnect: { initial_delay_ms: 10, max_delay_ms: 50 } }
local:
  rate_limit: { enabled: false }
`,
  );
  router = new RouterProcess(home, { args: ['--config', config, '--log-level', 'error'] });
  router.send({
    jsonrpc: '2.0',
    id: 'hello',
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'chaos', version: '1' } },
  });
  await router.reply('hello');
  router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  load = new Load(router);
}

describe('a gateway that dies and comes back under load', () => {
  it(
    `SEC-10 ${String(RESTARTS)} times: every request gets one reply, none is sent twice, and calls succeed again by themselves`,
    async () => {
      await startEverything();
      load.start();
      const random = pseudoRandom(20_261_123);
      for (let restart = 0; restart < RESTARTS; restart += 1) {
        const before = load.succeeded;
        // A moment that depends on how far the traffic has got: sometimes before the first reply, sometimes later.
        const replies = before + Math.floor(random() * 30);
        await router.until('traffic', () => load.succeeded >= replies, 20_000);
        await gateway.kill();
        const atDeath = load.succeeded;
        await gateway.start();
        await router.until(
          `calls after restart ${String(restart)}`,
          () => load.succeeded > atDeath + IN_FLIGHT,
          20_000,
        );
      }
      load.stop();
      await router.until('the last replies', () => load.answered === load.sent, 20_000);
      expect(await router.end()).toBe(0);

      expect(load.replyCounts().every((count) => count === 1)).toBe(true);
      // What was never handed to a connection waited for the next one; nothing failed for any other reason.
      expect([...load.outcomes.keys()].sort()).toEqual(['gateway-lost', 'result']);
      const executed = linesOf(join(home.path, 'calls.jsonl'));
      expect(new Set(executed.map((line) => /"key":"([^"]+)"/.exec(line)?.[1])).size).toBe(executed.length);
      const frames = linesOf(join(home.path, 'frames.jsonl')).filter((line) => line.includes('increment'));
      expect(new Set(frames.map((line) => /call-\d+/.exec(line)?.[0])).size).toBe(frames.length);
      expect(load.succeeded).toBeGreaterThan(RESTARTS * IN_FLIGHT);
      const figures = JSON.stringify({
        restarts: RESTARTS,
        requests: load.sent,
        ...Object.fromEntries(load.outcomes),
      });
      process.stdout.write(`${figures}\n`);
    },
    LIMIT_MS,
  );
});
