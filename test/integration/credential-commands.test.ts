import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { bearerSource } from '../../src/main/engine/auth/credential-source';
import type { CommandOutcome, Commands } from '../../src/main/engine/ports';
import { enginePorts, testConfig } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

const TOKEN = 'opaque-token-1';
let bench: SessionBench;
let gateway: Gateway;

/** Gives the outcomes one after the other, the last one for ever, and remembers what was asked. */
class ScriptedCommands implements Commands {
  readonly runs: { readonly argv: readonly string[]; readonly timeoutMs: number }[] = [];

  constructor(private readonly outcomes: readonly CommandOutcome[]) {}

  run(argv: readonly string[], { timeoutMs }: { timeoutMs: number }): Promise<CommandOutcome> {
    this.runs.push({ argv, timeoutMs });
    const outcome = this.outcomes[Math.min(this.runs.length, this.outcomes.length) - 1];
    return Promise.resolve(outcome ?? { kind: 'timed-out' });
  }
}

const printing = (...tokens: readonly string[]): ScriptedCommands =>
  new ScriptedCommands(tokens.map((token) => ({ kind: 'done', output: `${token}\n` })));

const argv = ['give-token', '--for', 'gateway'];
const auth = { type: 'bearer', token_command: argv };

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('token_command', () => {
  it('SEC-25 gives the token, within token_command_timeout_ms, and is shown by its name alone', async () => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: [TOKEN] } });
    const commands = printing(TOKEN);
    const keys = { auth: { ...auth, token_command_timeout_ms: 1234 } };
    expect((await bench.settle(keys, { commands })).name).toBe('connected');
    expect(commands.runs).toEqual([{ argv, timeoutMs: 1234 }]);
    expect(bench.under.engine.status().credential).toEqual({ source: 'command', name: 'give-token' });
    expect(JSON.stringify(bench.under.events)).not.toContain(TOKEN);
  });

  it('comes after token_file', async () => {
    const commands = printing('other');
    const files = { '/t': { kind: 'found', value: TOKEN } } as const;
    await bench.settle({ auth: { ...auth, token_file: '/t' } }, { commands, files });
    expect(bench.under.engine.status().credential?.source).toBe('file');
    expect(commands.runs).toEqual([]);
  });

  const failures: readonly [CommandOutcome, string, string, string][] = [
    [{ kind: 'failed', exitCode: 7 }, 'waiting', 'credential-command-failed', 'exit code 7'],
    [{ kind: 'killed', signal: 'SIGSEGV' }, 'waiting', 'credential-command-failed', 'SIGSEGV'],
    [{ kind: 'timed-out' }, 'waiting', 'credential-command-failed', '10000 ms'],
    [{ kind: 'too-much-output' }, 'waiting', 'credential-command-failed', 'more than a token'],
    [{ kind: 'done', output: ' \n' }, 'waiting', 'credential-command-failed', 'nothing'],
    [
      { kind: 'not-startable', reason: 'it does not exist' },
      'failed',
      'credential-missing',
      'does not exist',
    ],
    [{ kind: 'done', output: 'two words' }, 'failed', 'credential-malformed', 'give-token'],
  ];

  it.each(failures)('SEC-25 %o ends in %s: %s', async (outcome, name, code, detail) => {
    const state = await bench.settle({ auth }, { commands: new ScriptedCommands([outcome]) });
    expect(state).toMatchObject({ name, cause: { code } });
    expect('cause' in state && state.cause.detail).toContain(detail);
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it('is run once for all who ask, again when its token was refused, and after a reload', async () => {
    const signal = new AbortController().signal;
    const commands = printing('one', 'two', 'two', 'three');
    let config = testConfig('ws://localhost/', { gateway: { auth } });
    const source = bearerSource(() => config, enginePorts({ commands }));
    const [first] = await Promise.all([source.current(signal), source.current(signal)]);
    await source.current(signal);
    expect(commands.runs).toHaveLength(1);
    if (first === null) throw new Error('no credential');
    const renewed = await Promise.all([source.renewed(first, signal), source.renewed(first, signal)]);
    expect(renewed.map((credential) => credential?.secret.reveal())).toEqual(['two', 'two']);
    expect(commands.runs).toHaveLength(2);
    const second = renewed[0] ?? first;
    expect(await source.renewed(second, signal)).toBeNull();
    config = testConfig('ws://localhost/', { gateway: { auth } });
    expect((await source.current(signal))?.secret.reveal()).toBe('three');
  });
});

describe("systemd's credentials", () => {
  const folder = '/run/credentials/mcp-router.service';
  const lookup = { kind: 'found', value: TOKEN } as const;

  it.each(['MCP_AUTH_TOKEN', 'MY_TOKEN'])('SEC-26 %s may be the path of one', async (name) => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: [TOKEN] } });
    const variables = { CREDENTIALS_DIRECTORY: folder, [name]: `${folder}/mcp-token` };
    const files = { [`${folder}/mcp-token`]: lookup };
    const keys = { auth: { type: 'bearer', ...(name === 'MY_TOKEN' ? { token_env: name } : {}) } };
    expect((await bench.settle(keys, { variables, files })).name).toBe('connected');
    expect(bench.under.engine.status().credential).toEqual({ source: 'environment', name });
  });

  it('SEC-26 the path itself is never sent as the token', async () => {
    const variables = { CREDENTIALS_DIRECTORY: folder, MCP_AUTH_TOKEN: `${folder}/mcp-token` };
    expect(await bench.settle({ auth: { type: 'bearer' } }, { variables })).toMatchObject({
      name: 'failed',
      cause: { code: 'credential-missing', detail: `there is no file ${folder}/mcp-token` },
    });
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it.each([
    [`${folder}/../other/mcp-token`, folder],
    [folder, folder],
    [`${folder}-2/mcp-token`, folder],
    ['/mcp-token', 'relative'],
  ])('%s is none below %s', async (value, directory) => {
    const variables = { CREDENTIALS_DIRECTORY: directory, MCP_AUTH_TOKEN: value };
    await gateway.restart({ auth: { kind: 'tokens', tokens: [value] } });
    expect((await bench.settle({ auth: { type: 'bearer' } }, { variables })).name).toBe('connected');
  });
});
