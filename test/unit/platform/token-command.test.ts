import { describe, expect, it } from 'vitest';

import { runToken } from '../../../src/main/cli/token';
import type { TokenMachine } from '../../../src/main/compose/token-machine';
import { pipedIo, terminalIo } from './captured-io';

type FakeKeychain = TokenMachine & { readonly stored: Map<string, string> };

function keychain(refusal?: {
  readonly kind: 'locked' | 'unavailable';
  readonly reason: string;
}): FakeKeychain {
  const stored = new Map<string, string>();
  return {
    stored,
    set: (name, value) => {
      if (refusal === undefined) stored.set(name, value);
      return Promise.resolve(refusal ?? { kind: 'done' });
    },
    delete: (name) => {
      if (refusal === undefined) stored.delete(name);
      return Promise.resolve(refusal ?? { kind: 'done' });
    },
    list: () =>
      Promise.resolve({
        stored: [...stored.keys()].map((name) => ({ name, storedAt: '2026-01-01T00:00:00.000Z' })),
        certificates: [],
        rotationDays: 0,
      }),
    rotation: () => Promise.resolve({ kind: 'refused', message: 'there is no gateway' }),
  };
}

describe('token set', () => {
  it.each(['sk-1', 'sk-1\n', '  sk-1\r\n'])(
    'stores what comes on stdin (%j) and never prints it',
    async (input) => {
      const machine = keychain();
      const { io, out, err } = pipedIo(input);
      expect(await runToken(['set', 'gateway'], io, machine)).toBe(0);
      expect(machine.stored.get('gateway')).toBe('sk-1');
      expect(out()).toContain('token_secure_key: gateway');
      expect(out() + err()).not.toContain('sk-1');
    },
  );

  it('asks on a terminal without showing what is typed', async () => {
    const machine = keychain();
    const { io, out, err, keys, raw } = terminalIo();
    const running = runToken(['set', 'gateway'], io, machine);
    keys.write('wrong\u0015sk-x');
    keys.write('\u007f2ü\u007f\r');
    expect(await running).toBe(0);
    expect(machine.stored.get('gateway')).toBe('sk-2');
    expect(err()).toContain('not shown');
    expect(out() + err()).not.toContain('sk-');
    expect(raw).toEqual([true, false]);
  });

  it.each(['\u0003', '\u0004'])('stores nothing when the person stops (%j)', async (key) => {
    const machine = keychain();
    const { io, keys, raw } = terminalIo();
    const running = runToken(['set', 'gateway'], io, machine);
    keys.write(`${key === '\u0003' ? 'sk-half' : ''}${key}`);
    expect(await running).toBe(130);
    expect(machine.stored.size).toBe(0);
    expect(raw).toEqual([true, false]);
  });

  it('ends when the terminal goes away', async () => {
    const { io, keys } = terminalIo();
    const running = runToken(['set', 'gateway'], io, keychain());
    keys.end();
    expect(await running).toBe(130);
  });

  it.each(['', '\n', 'two words', 'line\nbreak', 'tökén', 'x'.repeat(65 * 1024)])(
    'does not accept %j, which no token is',
    async (input) => {
      const machine = keychain();
      const { io, err } = pipedIo(input);
      expect(await runToken(['set', 'gateway'], io, machine)).toBe(1);
      expect(err()).toMatch(/^Nothing was stored: the token/);
      expect(machine.stored.size).toBe(0);
    },
  );

  it('never takes the token from the arguments, nor repeats it', async () => {
    for (const argv of [
      ['set', 'gateway', 'sk-1'],
      ['set', 'sk-1'],
      ['set', 'gateway', '--sk-1'],
      ['sk-1'],
    ]) {
      const { io, out, err } = pipedIo('x');
      expect(await runToken(argv, io, keychain())).toBe(64);
      expect(out() + err()).not.toContain('sk-1');
    }
  });

  it.each(['', ' ', '-x', 'a b', 'a#b', 'x'.repeat(65), 'ü'])('does not accept the name %j', async (name) => {
    const { io } = pipedIo('sk-1');
    expect(await runToken(['set', '--', name], io, keychain())).toBe(64);
  });

  it.each(['locked', 'unavailable'] as const)('says why when the keychain is %s', async (kind) => {
    const { io, err } = pipedIo('sk-1');
    expect(await runToken(['set', 'gateway'], io, keychain({ kind, reason: 'It is away.' }))).toBe(2);
    expect(err()).toMatch(/^Nothing was stored: .*It is away\.?/);
    expect(err().includes('token_env or token_file')).toBe(kind === 'unavailable');
  });
});

describe('token list and token delete', () => {
  it('show names and dates', async () => {
    const machine = keychain();
    const empty = pipedIo();
    expect(await runToken(['list'], empty.io, machine)).toBe(0);
    expect(empty.out()).toBe('No tokens are stored.\n');
    machine.stored.set('gateway', 'sk-1').set('b', 'sk-2');
    const text = pipedIo();
    await runToken(['list'], text.io, machine);
    expect(text.out()).toBe(
      'b        stored 2026-01-01T00:00:00.000Z\ngateway  stored 2026-01-01T00:00:00.000Z\n',
    );
    const json = pipedIo();
    await runToken(['list', '--json'], json.io, machine);
    expect(JSON.parse(json.out())).toEqual([
      { name: 'b', storedAt: '2026-01-01T00:00:00.000Z' },
      { name: 'gateway', storedAt: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  it('delete one, and say when there was none', async () => {
    const machine = keychain();
    machine.stored.set('gateway', 'sk-1');
    const first = pipedIo();
    expect(await runToken(['delete', 'gateway'], first.io, machine)).toBe(0);
    expect(first.out()).toBe('Deleted "gateway" from the keychain.\n');
    expect(machine.stored.size).toBe(0);
    const second = pipedIo();
    expect(await runToken(['delete', 'gateway'], second.io, machine)).toBe(0);
    expect(second.out()).toBe('"gateway" is not in the keychain.\n');
    const third = pipedIo();
    expect(await runToken(['delete', 'x'], third.io, keychain({ kind: 'locked', reason: 'Locked.' }))).toBe(
      2,
    );
    expect(third.err()).toBe('Nothing was deleted: Locked.\n');
  });

  it('explain themselves', async () => {
    const help = pipedIo();
    expect(await runToken(['--help'], help.io, keychain())).toBe(0);
    expect(help.out()).toMatch(/^Usage: mcp-router token set NAME/);
    expect(await runToken([], pipedIo().io, keychain())).toBe(64);
    expect(await runToken(['delete'], pipedIo().io, keychain())).toBe(64);
    expect(await runToken(['list', 'x'], pipedIo().io, keychain())).toBe(64);
  });
});
