import { describe, expect, it } from 'vitest';
import { autostartSays, autostartText, execLine } from '../../../src/main/platform/autostart-text';

describe('execLine', () => {
  it.each([
    [{ program: '/opt/MCP Router/mcp-router', args: ['--hidden'] }, '"/opt/MCP Router/mcp-router" --hidden'],
    [{ program: '/home/ada/100%/x.AppImage', args: [] }, '/home/ada/100%%/x.AppImage'],
    [{ program: '/a"b/$c`d', args: [] }, '"/a\\\\"b/\\\\$c\\\\`d"'],
    [{ program: '/a\\b', args: [''] }, '"/a\\\\\\\\b" ""'],
  ])('writes %j', (command, line) => {
    expect(execLine(command)).toBe(line);
  });

  it('refuses what no line can hold', () => {
    expect(execLine({ program: '/a\nExec=evil', args: [] })).toBeNull();
    expect(autostartText({ program: '/a', args: ['\u0000'] })).toBeNull();
  });
});

describe('autostartSays', () => {
  const text = autostartText({ program: '/opt/router', args: ['--hidden'] }) ?? '';

  it('reads what was written', () => {
    expect(autostartSays(text)).toEqual({ exec: '/opt/router --hidden', isOn: true });
  });

  it.each([
    ['hidden by a tool', text.replace('Terminal', 'Hidden=true\nTerminal')],
    ['switched off by GNOME', text.replace('enabled=true', 'enabled=false')],
    ['without a program', text.replace('Exec', 'X-Exec')],
    ['empty', ''],
  ])('is off when it is %s', (_name, changed) => {
    expect(autostartSays(changed).isOn).toBe(false);
  });

  it('does not take the keys of another group', () => {
    expect(autostartSays(`${text}\n[Desktop Action x]\nExec=/evil\nHidden=true\n`)).toEqual({
      exec: '/opt/router --hidden',
      isOn: true,
    });
  });
});
