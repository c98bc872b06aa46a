import { describe, expect, it } from 'vitest';

import { createCommands } from '../../../src/main/platform/commands';
import type { Commands } from '../../../src/main/engine/ports';
import { useTemporaryHome } from './temporary-home';
import { containing } from './text-matchers';

const LIMITS = { timeoutMs: 20_000, maxOutputBytes: 1000 };
const node = (script: string, ...args: readonly string[]): readonly string[] => [
  process.execPath,
  '-e',
  script,
  ...args,
];

describe('commands that give a token', () => {
  const home = useTemporaryHome();
  const commands = (): Commands =>
    createCommands({ platform: process.platform, env: process.env, home: home.path() });

  it('give what they print', async () => {
    const outcome = await commands().run(node('process.stdout.write("tok\\n")'), LIMITS);
    expect(outcome).toEqual({ kind: 'done', output: 'tok\n' });
  });

  it('SEC-25 get their arguments as they are, because there is no shell', async () => {
    const words = ['$HOME', '; echo no', '`id`', '*', 'two words'];
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    expect(await commands().run(node(script, ...words), LIMITS)).toEqual({
      kind: 'done',
      output: JSON.stringify(words),
    });
  });

  it('SEC-25 say how they ended, and never what they wrote', async () => {
    const script = 'console.log("secret-1"); console.error("secret-2"); process.exitCode = 3';
    expect(await commands().run(node(script), LIMITS)).toEqual({ kind: 'failed', exitCode: 3 });
  });

  it('SEC-25 are ended when they take too long, with everything they started', async () => {
    const script = `
      require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      setInterval(() => {}, 1000);`;
    expect(await commands().run(node(script), { ...LIMITS, timeoutMs: 500 })).toEqual({ kind: 'timed-out' });
  });

  it('SEC-25 are ended when they print too much', async () => {
    const script = 'setInterval(() => process.stdout.write("x".repeat(600)), 1)';
    expect(await commands().run(node(script), LIMITS)).toEqual({ kind: 'too-much-output' });
  });

  it('get nothing on stdin', async () => {
    const script = 'process.stdin.on("end", () => process.stdout.write("end")).resume()';
    expect(await commands().run(node(script), LIMITS)).toEqual({ kind: 'done', output: 'end' });
  });

  it.skipIf(process.platform === 'win32')(
    'are found below the home folder, or named as not startable',
    async () => {
      await home.write('bin/give', '#!/bin/sh\necho from-home\n', 0o700);
      expect(await commands().run(['~/bin/give'], LIMITS)).toEqual({ kind: 'done', output: 'from-home\n' });
      await home.write('bin/locked', '#!/bin/sh\n', 0o600);
      const notStartable = { kind: 'not-startable', reason: containing('') };
      expect(await commands().run(['~/bin/locked'], LIMITS)).toEqual(notStartable);
      expect(await commands().run(['no-such-program-here'], LIMITS)).toEqual(notStartable);
      expect(await commands().run([''], LIMITS)).toEqual(notStartable);
    },
  );
});
