import { describe, expect, it } from 'vitest';
import { sessionEnvironment } from '../../../scripts/desktop/session-environment.mjs';
import { parseSessionOptions } from '../../../scripts/desktop/session-options.mjs';

describe('the options of a desktop session', () => {
  it('keep the command as it is', () => {
    expect(parseSessionOptions(['--keyring=locked', '--limit-minutes=2', '--', 'a', '--', '-b'])).toEqual({
      keyring: 'locked',
      limitMs: 120_000,
      command: ['a', '--', '-b'],
    });
  });

  it('default to an unlocked keyring and twenty minutes', () => {
    expect(parseSessionOptions(['--', 'a'])).toEqual({
      keyring: 'unlocked',
      limitMs: 1_200_000,
      command: ['a'],
    });
  });

  it.each([
    [['a'], 'after `--`'],
    [['--'], 'after `--`'],
    [['--keyring=open', '--', 'a'], 'unlocked, locked, none'],
    [['--limit-minutes=soon', '--', 'a'], 'above 0'],
    [['--other', '--', 'a'], '--other'],
  ])('%j is a mistake', (argv, problem) => {
    expect(parseSessionOptions(argv)).toEqual({ problem: expect.stringContaining(problem) as unknown }); // a matcher is of type any
  });
});

describe('the environment of a desktop session', () => {
  it('leaves out what belongs to the session or user outside', () => {
    const outer = {
      PATH: '/bin',
      CI: 'true',
      HOME: '/root',
      DISPLAY: ':0',
      XDG_RUNTIME_DIR: '/run/user/0',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
      npm_config_cache: '/root/.npm',
      MCP_GATEWAY_URL: 'wss://elsewhere',
      NODE_OPTIONS: '--inspect',
      GONE: undefined,
    };
    expect(sessionEnvironment(outer, { HOME: '/stage/home' })).toEqual({
      PATH: '/bin',
      CI: 'true',
      LANG: 'C.UTF-8',
      HOME: '/stage/home',
    });
  });
});
