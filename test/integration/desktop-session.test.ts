import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capture } from '../../scripts/child.mjs';
import { processesMarked } from '../../scripts/desktop/owned-process.mjs';

const checkout = join(import.meta.dirname, '..', '..');

/** Runs a shell line in a session of its own; what it says is what it wrote to its artefacts. */
async function inSession(
  line: string,
  ...options: string[]
): Promise<{ readonly code: number; readonly said: Record<string, string>; readonly stderr: string }> {
  const name = `session-${process.pid}-${options.join('')}.txt`;
  const script = `${line}; code=$?; env > "$MCP_ROUTER_ARTIFACTS/${name}"; exit $code`;
  const argv = ['scripts/desktop-session.mjs', ...options, '--', 'sh', '-c', script];
  const { code, stderr } = await capture(process.execPath, argv, { cwd: checkout, timeoutMs: 50_000 });
  const taken = join(checkout, 'artifacts', name);
  const lines = readFileSync(taken, 'utf8').trim().split('\n');
  rmSync(taken);
  const said = lines.map((one): [string, string] => {
    const [key = '', ...value] = one.split('=');
    return [key, value.join('=')];
  });
  return { code, said: Object.fromEntries(said), stderr };
}

describe.skipIf(process.platform !== 'linux')('a desktop session', () => {
  it('has a display, a bus and an unlocked keyring, passes the exit code on, and leaves nothing behind', async () => {
    const { code, said } = await inSession(
      'printf tok | secret-tool store --label=l a b && test "$(secret-tool lookup a b)" = tok && ' +
        'test "$(id -u)" != 0 && test -S "$XDG_RUNTIME_DIR/bus" && { setsid sleep 600 & } && (exit 3)',
    );
    expect(code).toBe(3);
    expect(said['DISPLAY']).toMatch(/^:\d+$/);
    expect(said['HOME']).toMatch(/desk-/);
    expect(said['MCP_ROUTER_DESKTOP_SESSION']).toBeDefined();
    expect(processesMarked('MCP_ROUTER_DESKTOP_SESSION', said['MCP_ROUTER_DESKTOP_SESSION'] ?? '')).toEqual(
      [],
    );
  });

  it('can have a locked keyring, or none', async () => {
    const locked = await inSession('secret-tool store --label=l a b < /dev/null', '--keyring=locked');
    expect(locked.code).not.toBe(0);
    expect(locked.stderr).toMatch(/locked/);
    const none = await inSession('secret-tool store --label=l a b < /dev/null', '--keyring=none');
    expect(none.stderr).toMatch(/org\.freedesktop\.secrets/);
  });

  it('ends a command that takes too long', async () => {
    const argv = ['scripts/desktop-session.mjs', '--limit-minutes=0.05', '--', 'sleep', '600'];
    const { code, stderr } = await capture(process.execPath, argv, { cwd: checkout, timeoutMs: 50_000 });
    expect(code).toBe(124);
    expect(stderr).toMatch(/was ended after/);
  });
});
