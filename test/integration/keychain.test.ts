import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { KeychainStep } from './keychain-program';
import { matching } from '../unit/platform/text-matchers';

/** A bus that starts nothing by itself: otherwise a second, locked keyring could be started before ours is there. */
const BARE_BUS = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;
/** The daemon goes into the background before it owns its name on the bus. */
const READY = `tries=0; until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; \
  do tries=$((tries + 1)); [ "$tries" -lt 1000 ] || exit 9; done;`;
const UNLOCKED = `printf keyring-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null; ${READY}`;
/** Starts without the password: the keyring of an earlier session stays locked. */
const LOCKED = `gnome-keyring-daemon --start --components=secrets >/dev/null; ${READY}`;

let programFolder = '';
let home = '';

beforeAll(async () => {
  // Inside the repository, so that the program finds keytar.
  programFolder = resolve('out', `keychain-program-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: resolve('test/integration/keychain-program.ts'),
      outDir: programFolder,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { external: ['keytar'], output: { entryFileNames: 'program.mjs' } },
    },
  });
});
afterAll(() => rm(programFolder, { recursive: true, force: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keychain-'));
  await writeFile(join(home, 'bus.conf'), BARE_BUS);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Runs a shell line in an empty home, without any variable of this session. */
async function inEmptyHome(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: home, LANG: 'C', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((settle, fail) => {
      child.once('error', fail);
      child.once('close', settle);
    }),
  ]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}`);
  return output;
}

const program = (): string => `exec "${process.execPath}" "${programFolder}/program.mjs"`;

async function steps(
  session: readonly string[],
  list: readonly KeychainStep[],
  env: Record<string, string> = {},
): Promise<readonly unknown[]> {
  const [command = '', ...args] = session;
  const output = await inEmptyHome(command, args, { input: JSON.stringify(list), env });
  const answers: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  if (!Array.isArray(answers)) throw new Error(`not a list of answers: ${output}`);
  return answers.map((answer: unknown) => answer);
}

const onBus = (line: string): readonly string[] => [
  'dbus-run-session',
  `--config-file=${join(home, 'bus.conf')}`,
  '--',
  'sh',
  '-c',
  line,
];
const withBus = (setup: string): readonly string[] => onBus(`${setup} ${program()}`);
const outputOf = (line: string): Promise<string> => {
  const [command = '', ...args] = onBus(line);
  return inEmptyHome(command, args);
};

describe.skipIf(process.platform !== 'linux')('SEC-08 the keychain on a real gnome-keyring', () => {
  it('stores, reads, lists and deletes, and secret-tool reads the same value', async () => {
    const answers = await steps(withBus(UNLOCKED), [
      { do: 'health' },
      { do: 'read', name: 'gateway' },
      { do: 'write', name: 'gateway', value: 'tökén-1' },
      { do: 'forget' },
      { do: 'read', name: 'gateway' },
      { do: 'list' },
      { do: 'health' },
    ]);
    expect(answers).toEqual([
      { kind: 'usable' },
      { kind: 'absent' },
      { kind: 'done' },
      null,
      { kind: 'found', value: 'tökén-1' },
      ['gateway'],
      { kind: 'usable' },
    ]);
    const lookup = `${UNLOCKED} secret-tool lookup service mcp-router account gateway`;
    expect(await outputOf(lookup)).toBe('tökén-1');

    const after = await steps(withBus(UNLOCKED), [
      { do: 'delete', name: 'gateway' },
      { do: 'read', name: 'gateway' },
      { do: 'delete', name: 'gateway' },
      { do: 'list' },
    ]);
    expect(after).toEqual([{ kind: 'done' }, { kind: 'absent' }, { kind: 'done' }, []]);
  });

  it('reads an entry that the Go router stored, and keeps nothing of it', async () => {
    const store = `${UNLOCKED} printf old-token | secret-tool store --label='MCP Router Token (gateway)' service mcp-router-mcp-router account gateway;`;
    await outputOf(store);
    const answers = await steps(withBus(UNLOCKED), [
      { do: 'read-of-other', service: 'mcp-router-mcp-router', name: 'gateway' },
      { do: 'read-of-other', service: 'mcp-router-mcp-router', name: 'another' },
      { do: 'read', name: 'gateway' },
      { do: 'list' },
    ]);
    expect(answers).toEqual(['old-token', null, { kind: 'absent' }, []]);
  });

  it('keeps a long value in chunks, and replacing or deleting it leaves no chunk behind', async () => {
    const long = 'ä𝄞x'.repeat(1500);
    const longer = `mcp-router-chunks:1:${'y'.repeat(4000)}`;
    const search = `${UNLOCKED} secret-tool search --all service mcp-router 2>&1 | grep -c '^attribute.account' || true`;
    const count = async (): Promise<number> => Number(await outputOf(search));

    const answers = await steps(withBus(UNLOCKED), [
      { do: 'write', name: 'long', value: long },
      { do: 'forget' },
      { do: 'read', name: 'long' },
      { do: 'write', name: 'long', value: longer },
      { do: 'forget' },
      { do: 'read', name: 'long' },
    ]);
    expect(answers[2]).toEqual({ kind: 'found', value: long });
    expect(answers[5]).toEqual({ kind: 'found', value: longer });
    expect(await count()).toBe(4);
    await steps(withBus(UNLOCKED), [{ do: 'delete', name: 'long' }]);
    expect(await count()).toBe(0);
  });

  it('keeps names and dates in its index, never the value', async () => {
    await steps(withBus(UNLOCKED), [{ do: 'write', name: 'gateway', value: 'sk-very-secret' }]);
    const path = join(home, 'state', 'secrets.json');
    const index = await readFile(path, 'utf8');
    expect(index).toContain('"gateway"');
    expect(index).not.toContain('sk-very-secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('says locked-or-removed for a stored secret of a locked keyring, and does not claim to have deleted it', async () => {
    await steps(withBus(UNLOCKED), [{ do: 'write', name: 'gateway', value: 'sk-1' }]);
    const answers = await steps(withBus(LOCKED), [
      { do: 'health' },
      { do: 'read', name: 'gateway' },
      { do: 'read', name: 'never-stored' },
      { do: 'write', name: 'gateway', value: 'sk-2' },
      { do: 'delete', name: 'gateway' },
      { do: 'list' },
      { do: 'health' },
    ]);
    const locked = { kind: 'locked', detail: matching(/locked/) };
    expect(answers).toEqual([
      locked,
      { kind: 'locked-or-removed' },
      { kind: 'absent' },
      { kind: 'locked', reason: matching(/locked/) },
      { kind: 'locked', reason: matching(/locked/) },
      ['gateway'],
      locked,
    ]);
    expect(await steps(withBus(UNLOCKED), [{ do: 'read', name: 'gateway' }])).toEqual([
      { kind: 'found', value: 'sk-1' },
    ]);
  });

  it('says locked when there is a service but no keyring yet', async () => {
    const answers = await steps(withBus(LOCKED), [
      { do: 'read', name: 'gateway' },
      { do: 'write', name: 'gateway', value: 'sk-1' },
      { do: 'health' },
    ]);
    expect(answers).toEqual([
      { kind: 'absent' },
      { kind: 'locked', reason: matching(/no keyring yet/) },
      { kind: 'locked', detail: matching(/no keyring yet/) },
    ]);
  });

  it('finds an entry that another program removed', async () => {
    await steps(withBus(UNLOCKED), [{ do: 'write', name: 'gateway', value: 'sk-1' }]);
    const clear = 'secret-tool clear service mcp-router account gateway;';
    const answers = await steps(withBus(`${UNLOCKED} ${clear}`), [
      { do: 'read', name: 'gateway' },
      { do: 'delete', name: 'gateway' },
      { do: 'read', name: 'gateway' },
    ]);
    expect(answers).toEqual([{ kind: 'locked-or-removed' }, { kind: 'done' }, { kind: 'absent' }]);
  });

  it('says unavailable without D-Bus and without a keyring service', async () => {
    const list: readonly KeychainStep[] = [
      { do: 'read', name: 'gateway' },
      { do: 'write', name: 'gateway', value: 'sk-1' },
      { do: 'delete', name: 'gateway' },
      { do: 'health' },
    ];
    const unavailable = { kind: 'unavailable', reason: matching(/.+/) };
    const answers = [
      unavailable,
      unavailable,
      unavailable,
      { kind: 'unavailable', detail: matching(/token_env or token_file/) },
    ];
    expect(await steps(['sh', '-c', program()], list)).toEqual(answers);

    expect(await steps(withBus(''), list)).toEqual(answers);
  });

  it('answers in time when the keyring hangs', async () => {
    const owner =
      'dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets';
    const stop = `keyring=$(${owner} | sed -n 's/.*uint32 //p'); kill -STOP "$keyring";`;
    // Node's exit waits for the call that hangs, so the keyring is ended as soon as the answers are there.
    const run = `${UNLOCKED} ${stop} mkfifo "$HOME/answers"; exec 3<&0;
      "${process.execPath}" "${programFolder}/program.mjs" <&3 >"$HOME/answers" &
      read -r line <"$HOME/answers"; kill -KILL "$keyring"; wait; printf '%s\\n' "$line"`;
    const answers = await steps(
      onBus(run),
      [{ do: 'read', name: 'gateway' }, { do: 'write', name: 'gateway', value: 'sk-1' }, { do: 'health' }],
      { KEYCHAIN_LIMIT_MS: '300' },
    );
    expect(answers).toEqual([
      { kind: 'locked-or-removed' },
      { kind: 'locked', reason: matching(/did not answer in time/) },
      { kind: 'locked', detail: matching(/locked/) },
    ]);
  });
});
