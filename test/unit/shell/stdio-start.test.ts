import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { serveOnStdio, stdioArguments, stdioTrouble } from '../../../src/main/stdio-start';

describe('--stdio', () => {
  it.each([
    [['/opt/mcp-router'], null],
    [['/opt/mcp-router', '--hidden'], null],
    [['/opt/mcp-router', '--stdio'], []],
    [
      ['/opt/electron', '.', '--stdio', '--config', 'x', '--stdio'],
      ['--config', 'x', '--stdio'],
    ],
    [['/opt/mcp-router', '--stdio=1'], null],
  ])('%j: what follows is %j', (argv, expected) => {
    expect(stdioArguments(argv)).toEqual(expected);
  });

  class Ended extends Error {}
  const serve = async (
    platform: NodeJS.Platform,
    run: () => Promise<number>,
  ): Promise<{ codes: unknown[]; said: string[]; bugs: unknown[]; hides: number }> => {
    const outcome = {
      codes: new Array<unknown>(),
      said: new Array<string>(),
      bugs: new Array<unknown>(),
      hides: 0,
    };
    const exit = (code: unknown): never => {
      outcome.codes.push(code);
      throw new Ended();
    };
    const app = { dock: { hide: () => void (outcome.hides += 1) } };
    const target = Object.assign(new EventEmitter(), { platform, exit });
    const serving = serveOnStdio({
      app,
      process: target,
      say: (text) => void outcome.said.push(text),
      onBug: (error) => void outcome.bugs.push(error),
      run,
    });
    await expect(serving).rejects.toThrow(Ended);
    return outcome;
  };

  it('ends with the code of the command line, and hides from the dock', async () => {
    const { codes, said, hides } = await serve('darwin', () => Promise.resolve(64));
    expect({ codes, said, hides }).toEqual({ codes: [64], said: [], hides: 1 });
  });

  it('is refused on Windows, with what to do instead', async () => {
    const { codes, said } = await serve('win32', () => Promise.reject(new Error('must not run')));
    expect(codes).toEqual([69]);
    expect(said.join()).toMatch(/Windows.*Node.*HTTP/);
    expect(stdioTrouble('linux')).toBeNull();
  });

  it('tells of a mistake of ours on stderr, and ends with 1', async () => {
    const bug = new Error('a bug');
    const { codes, bugs } = await serve('linux', () => Promise.reject(bug));
    expect(codes[0]).toBe(1);
    expect(bugs[0]).toBe(bug);
  });
});
