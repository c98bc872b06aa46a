import { describe, expect, it } from 'vitest';

import { runClients, type ClientsMachine } from '../../../src/main/cli/clients';
import type { ClientOutcome, ClientState } from '../../../src/shared/model/client-apps';
import { pipedIo, terminalIo } from '../platform/captured-io';

const preview = {
  id: 'cursor',
  title: 'Cursor',
  action: 'connect',
  path: '/h/.cursor/mcp.json',
  summary: 'Add the server "gateway"',
  diff: ['+ "gateway": {'],
  warnings: ['a warning'],
  obstacle: null,
} as const;
const done: ClientOutcome = { kind: 'done', message: 'Cursor is connected.', remarks: ['a remark'] };

/** A machine whose changes end as told, one after the other, the last one for ever. */
function machine(...outcomes: readonly ClientOutcome[]): ClientsMachine & { readonly applied: () => number } {
  let applied = 0;
  return {
    applied: () => applied,
    list: () => Promise.resolve([]),
    plan: () =>
      Promise.resolve({
        kind: 'planned',
        preview,
        apply: () => Promise.resolve(outcomes[Math.min(applied++, outcomes.length - 1)] ?? done),
      }),
  };
}

async function answered(answer: string | null): Promise<readonly [number, number, string]> {
  const { io, keys, err } = terminalIo();
  const cursor = machine(done);
  const code = runClients(['connect', 'cursor'], io, cursor);
  keys.end(answer === null ? '' : `${answer}\n`);
  return [await code, cursor.applied(), err()];
}

describe('SEC-81 the confirmation on a terminal', () => {
  it.each(['y', 'Y', 'yes', ' yes '])('"%s" writes', async (answer) => {
    expect(await answered(answer)).toEqual([0, 1, 'Do this? [y/N] ']);
  });

  it.each(['', 'n', 'yy', 'ja', null])('"%s" writes nothing', async (answer) => {
    expect(await answered(answer)).toEqual([130, 0, expect.stringContaining('Nothing was written.')]);
  });
});

describe('mcp-router clients', () => {
  it('shows the change before it writes, and what came of it', async () => {
    const { io, out, err } = pipedIo();
    expect(await runClients(['connect', 'cursor', '-y'], io, machine(done))).toBe(0);
    expect(out()).toBe(
      'Add the server "gateway".\n  + "gateway": {\n! a warning\nCursor is connected.\n! a remark\n',
    );
    expect(err()).toBe('');
  });

  it('looks again when the file changed meanwhile, but not for ever', async () => {
    const once = machine({ kind: 'stale' }, done);
    expect(await runClients(['connect', 'cursor', '-y'], pipedIo().io, once)).toBe(0);
    expect(once.applied()).toBe(2);
    const always = machine({ kind: 'stale' });
    const { io, err } = pipedIo();
    expect(await runClients(['connect', 'cursor', '-y'], io, always)).toBe(2);
    expect(always.applied()).toBe(5);
    expect(err()).toContain('keeps changing');
  });

  it('does not ask when it cannot be done now', async () => {
    const { io, err } = terminalIo();
    const blocked = { ...machine(done), plan: machine(done).plan };
    const plan: ClientsMachine['plan'] = async (...args) => {
      const planned = await blocked.plan(...args);
      return planned.kind === 'planned'
        ? { ...planned, preview: { ...preview, obstacle: 'quit it' } }
        : planned;
    };
    expect(await runClients(['connect', 'cursor'], io, { ...blocked, plan })).toBe(1);
    expect(err()).toBe('quit it\n');
  });

  it.each<[ClientState, string]>([
    [{ kind: 'not-found' }, 'not found'],
    [{ kind: 'not-connected' }, 'not connected'],
    [{ kind: 'connected', by: 'by-hand' }, 'connected as "gateway" (written by hand)'],
    [{ kind: 'name-taken' }, 'not connected; it has another server with the name "gateway"'],
    [{ kind: 'unusable', problem: 'why' }, 'cannot be connected: why'],
    [
      { kind: 'drifted', change: 'entry-removed' },
      'the client lost our entry "gateway"; run: mcp-router clients repair cursor',
    ],
    [
      { kind: 'drifted', change: 'entry-changed' },
      'our entry "gateway" was changed; run: mcp-router clients repair cursor',
    ],
    [
      { kind: 'drifted', change: 'router-moved' },
      'what our entry starts is not there any more; run: mcp-router clients repair cursor',
    ],
  ])('says of %j', async (state, words) => {
    const { io, out } = pipedIo();
    const row = {
      id: 'cursor',
      title: 'Cursor',
      state,
      name: 'gateway',
      path: '/p',
      remarks: ['note'],
      actions: [],
    } as const;
    await runClients(['list'], io, { ...machine(done), list: () => Promise.resolve([row]) });
    expect(out()).toBe(
      `cursor  Cursor: ${words}\n${state.kind === 'not-found' ? '' : '        /p\n        ! note\n'}`,
    );
  });
});
