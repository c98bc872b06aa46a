import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { previousEntry } from '../../src/main/engine/index';
import { ManualClock } from '../support/manual-clock';
import { settled } from '../support/router-bench';
import { ENTRY, RotationBench } from '../support/rotation-bench';

const PREVIOUS = previousEntry(ENTRY);
const containing = (text: string): unknown => expect.stringContaining(text);
let bench: RotationBench;

beforeEach(async () => {
  bench = await RotationBench.start();
});

afterEach(() => bench.stop());

const both = async (): Promise<readonly unknown[]> => [await bench.stored(), await bench.stored(PREVIOUS)];

describe('rotating a token', () => {
  it('SEC-74 proves the new one by a real connection, swaps, and keeps the old one for the overlap', async () => {
    bench.accept('old-token', 'new-token');
    const states: string[] = [];
    const rotation = bench.rotation();
    rotation.onState(({ name }) => states.push(name));
    const before = Date.now();
    const end = await rotation.begin('new-token');
    expect(states).toEqual(['proving', 'swapping', 'rotated']);
    expect(await both()).toEqual(['new-token', 'old-token']);
    expect(bench.gateway.recording.upgrades.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer new-token',
    ]);
    const until = Date.parse(end.name === 'rotated' ? (end.until ?? '') : '');
    expect(until).toBeGreaterThanOrEqual(before + 600_000);
    expect(JSON.stringify([end, states])).not.toContain('new-token');
  });

  it('SEC-74 changes nothing when the gateway refuses the new one', async () => {
    expect(await bench.rotation().begin('wrong-token')).toMatchObject({
      name: 'not-proven',
      isRefused: true,
      cause: { code: 'auth-failed' },
    });
    expect(await both()).toEqual(['old-token', null]);
  });

  it('SEC-74 changes nothing when the gateway cannot be reached, and says that', async () => {
    const rotation = bench.rotation();
    await bench.gateway.stop();
    expect(await rotation.begin('new-token')).toMatchObject({
      name: 'not-proven',
      isRefused: false,
      cause: { code: 'gateway-unreachable' },
    });
    expect(await both()).toEqual(['old-token', null]);
  });

  it('keeps no old one with an overlap of 0', async () => {
    bench.accept('new-token');
    expect(await bench.rotation({ rotation_overlap_minutes: 0 }).begin('new-token')).toEqual({
      name: 'rotated',
      until: null,
    });
    expect(await both()).toEqual(['new-token', null]);
  });

  it('twice within the overlap keeps the one in between', async () => {
    bench.accept('old-token', 'second', 'third');
    await bench.rotation().begin('second');
    await bench.rotation().begin('third');
    expect(await both()).toEqual(['third', 'second']);
  });

  it('by hand goes back within the overlap, once', async () => {
    bench.accept('old-token', 'new-token');
    await bench.rotation().begin('new-token');
    expect(await bench.rotation().rollBack()).toEqual({ name: 'rolled-back' });
    expect(await both()).toEqual(['old-token', null]);
    expect(await bench.rotation().rollBack()).toMatchObject({
      name: 'not-rolled-back',
      cause: { code: 'credential-missing' },
    });
    expect(await both()).toEqual(['old-token', null]);
  });

  it('by hand does not go back when the overlap is over', async () => {
    bench.accept('old-token', 'new-token');
    await bench.rotation({ rotation_overlap_minutes: 0.00001 }).begin('new-token');
    const later = new ManualClock(Date.now() + 60_000);
    expect(await bench.rotation({}, later).rollBack()).toMatchObject({ name: 'not-rolled-back' });
    expect(await bench.stored()).toBe('new-token');
  });
});

describe('SEC-75 the new one is refused within the overlap', () => {
  beforeEach(async () => {
    bench.accept('old-token', 'new-token');
    await bench.rotation().begin('new-token');
    // The gateway changes its mind: an operator who revoked the wrong one.
    bench.accept('old-token');
  });

  it('the old one is current again, no request fails, and it is told and shown', async () => {
    const engine = bench.engine({ hasKeeper: true });
    const client = bench.client(engine);
    client.request(1, 'm');
    expect(await client.reply(1)).toHaveProperty('result');
    await bench.until('connected', () => engine.status().keeper.name === 'connected');
    expect(await both()).toEqual(['old-token', null]);
    const told = bench.events.filter(({ kind }) => kind === 'credential-rolled-back');
    expect(told).toMatchObject([{ name: ENTRY }]);
    expect(engine.status()).toMatchObject({
      shown: 'degraded',
      degradations: [{ code: 'credential-rolled-back', text: containing(ENTRY) }],
    });
    expect(JSON.stringify(bench.events)).not.toMatch(/old-token|new-token/);
  });

  it('another process that still uses the new one takes the old one', async () => {
    const [first, second] = [bench.engine(), bench.engine()];
    const clients = [bench.client(first), bench.client(second)];
    clients.forEach((client) => {
      client.request(1, 'm');
    });
    for (const client of clients) expect(await client.reply(1)).toHaveProperty('result');
    expect(await both()).toEqual(['old-token', null]);
  });

  it('is no longer shown once there is another one', async () => {
    const engine = bench.engine({ hasKeeper: true });
    await bench.until('connected', () => engine.status().keeper.name === 'connected');
    bench.accept('old-token', 'third');
    await bench.rotation().begin('third');
    await engine.renewCredential();
    await bench.until('connected', () => engine.status().shown === 'connected');
  });

  it('and so is the old one: nothing is put back, because the fault is not the new one’s', async () => {
    bench.accept('somebody else');
    const engine = bench.engine();
    const client = bench.client(engine);
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(await both()).toEqual(['new-token', 'old-token']);
  });
});

describe('SEC-75 the end of the overlap', () => {
  it('deletes the old one, while a router runs and after it was started again', async () => {
    const clock = new ManualClock(Date.now());
    bench.accept('old-token', 'new-token');
    await bench.rotation().begin('new-token');
    const engine = bench.engine({ clock });
    await settled();
    expect(await bench.stored(PREVIOUS)).toBe('old-token');
    clock.advance(11 * 60_000);
    await bench.until('it was deleted', () =>
      bench.events.some(({ kind }) => kind === 'credential-overlap-ended'),
    );
    expect(await both()).toEqual(['new-token', null]);
    await engine.stop();

    await bench.secrets.write(PREVIOUS, 'left behind', new Date(0).toISOString());
    bench.events.length = 0;
    bench.engine();
    await bench.until('it was deleted', () =>
      bench.events.some(({ kind }) => kind === 'credential-overlap-ended'),
    );
    expect(await both()).toEqual(['new-token', null]);
  });

  it('a refusal after it is final', async () => {
    bench.accept('old-token');
    await bench.secrets.write(ENTRY, 'new-token');
    await bench.secrets.write(PREVIOUS, 'old-token', new Date(0).toISOString());
    const client = bench.client(bench.engine());
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(await bench.stored()).toBe('new-token');
  });
});
