import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { CommandOutcome } from '../../../src/main/engine/ports';
import { claudeDesktop } from '../../../src/main/platform/client-apps/claude-desktop';
import { createRunningApps } from '../../../src/main/platform/client-apps/running-apps';
import { ownUid, useTemporaryHome } from '../platform/temporary-home';

const home = useTemporaryHome();
const traces = claudeDesktop.mustBeClosed ?? { linux: [], darwin: [], win32: { image: '', paths: [] } };

async function verdict(
  platform: NodeJS.Platform,
  outcomes: readonly CommandOutcome[],
): Promise<readonly [string, readonly string[]]> {
  const programs: string[] = [];
  const run = (argv: readonly string[]): Promise<CommandOutcome> => {
    programs.push(argv[0] ?? '');
    return Promise.resolve(outcomes[programs.length - 1] ?? { kind: 'timed-out' });
  };
  const parts = { place: { platform, env: {}, home: home.path() }, uid: ownUid, commands: { run } };
  return [await createRunningApps(parts, home.path()).isRunning(traces), programs];
}

const printing = (...lines: readonly string[]): CommandOutcome => ({
  kind: 'done',
  output: lines.join('\r\n'),
});
const failed: CommandOutcome = { kind: 'failed', exitCode: 1 };

describe('SEC-81 whether Claude Desktop runs, on Linux', () => {
  const processes = async (...all: readonly (readonly [string, string])[]): Promise<string> => {
    for (const [index, [program, line]] of all.entries()) {
      await home.write(`${index + 100}/cmdline`, line.replaceAll(' ', '\0'));
      await symlink(program, join(home.path(), `${index + 100}/exe`));
    }
    const [answer] = await verdict('linux', []);
    return answer;
  };

  it.each([
    ['/usr/lib/claude-desktop/claude-desktop', 'claude-desktop'],
    ['/usr/lib/electron/electron', '/usr/lib/electron/electron /usr/lib/claude-desktop/app.asar'],
    ['/tmp/.mount_ClaudeXy/claude', '/tmp/.mount_ClaudeXy/claude'],
    ['/opt/Claude/claude', '/opt/Claude/claude --type=gpu'],
  ])('%s %s is it', async (program, line) => {
    expect(await processes(['/usr/bin/bash', 'bash'], [program, line])).toBe('running');
  });

  it('Claude Code, an editor with a file of it, and ourselves are not', async () => {
    const others = [
      ['/home/u/.local/share/claude/versions/2.1.0', 'claude'],
      ['/usr/bin/vim', 'vim /home/u/.config/Claude/claude_desktop_config.json'],
      ['/usr/bin/less', 'less /usr/share/doc/claude-desktop/README'],
      ['/usr/bin/node', 'node out/cli/mcp-router.js clients connect claude-desktop'],
    ] as const;
    expect(await processes(...others)).toBe('not-running');
  });

  it('is unknown where no process can be seen', async () => {
    expect(await processes()).toBe('unknown');
  });
});

describe('SEC-81 whether Claude Desktop runs, elsewhere', () => {
  const claude = '/Applications/Claude.app/Contents/MacOS/Claude';

  it('ps tells on macOS', async () => {
    expect(await verdict('darwin', [printing('/sbin/launchd', claude)])).toEqual(['running', ['/bin/ps']]);
    expect(await verdict('darwin', [printing('/sbin/launchd', '/usr/local/bin/claude')])).toEqual([
      'not-running',
      ['/bin/ps'],
    ]);
    expect((await verdict('darwin', [failed]))[0]).toBe('unknown');
  });

  it('tasklist tells on Windows, and the path tells it from Claude Code', async () => {
    const named = printing('"claude.exe","123","Console","1","90,000 K"');
    const tasks = 'C:\\Windows\\System32\\tasklist.exe';
    expect(await verdict('win32', [printing('INFO: No tasks are running')])).toEqual([
      'not-running',
      [tasks],
    ]);
    const ask = async (...answers: readonly CommandOutcome[]): Promise<string> =>
      (await verdict('win32', answers))[0];
    expect(await ask(named, printing('C:\\Users\\u\\.local\\bin\\claude.exe'))).toBe('not-running');
    expect(
      await ask(named, printing('C:\\Users\\u\\AppData\\Local\\AnthropicClaude\\app-1\\claude.exe')),
    ).toBe('running');
    expect(
      await ask(named, printing('C:\\Program Files\\WindowsApps\\Claude_1.0_x64__pzs\\app\\claude.exe')),
    ).toBe('running');
    expect(await ask(named, failed)).toBe('running');
    expect(await ask(named, printing('', ''))).toBe('running');
    expect(await ask(failed)).toBe('unknown');
  });
});
