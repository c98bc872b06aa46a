import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeFolder, makeFolderSync } from '../../../src/main/platform/folder';
import { systemReason } from '../../../src/main/platform/guarded-file';
import { prepareLogFile } from '../../../src/main/platform/log-file';

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'mcp-router-folder-'));
});
afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

const ways = [
  ['makeFolder', makeFolder],
  [
    'makeFolderSync',
    (path: string): Promise<void> =>
      Promise.resolve().then(() => {
        makeFolderSync(path);
      }),
  ],
] as const;

const reasonOf = (made: Promise<void>): Promise<string> => made.then(() => 'made', systemReason);

describe.each(ways)('%s', (_name, make) => {
  it('makes all that is missing, for this user alone, and is content with what is there', async () => {
    const path = join(place, 'a', 'b', 'c');
    await make(path);
    await make(path);
    expect([path, join(place, 'a')].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o700]);
    await make('/');
  });

  it('follows a link to a folder', async () => {
    symlinkSync(place, join(place, 'link'));
    await make(join(place, 'link', 'a'));
    expect(statSync(join(place, 'a')).isDirectory()).toBe(true);
  });

  it.each(['file', 'file/below', 'file/below/it', 'nowhere/below'])('%s is told of', async (name) => {
    writeFileSync(join(place, 'file'), '');
    symlinkSync(join(place, 'gone', 'away'), join(place, 'nowhere'));
    expect(await reasonOf(make(join(place, name)))).toBe('a part of the path is not a folder');
  });

  it.runIf(process.platform === 'linux')('ends below /proc, and says why', async () => {
    expect(await reasonOf(make('/proc/mcp-router/a/b'))).toBe(
      'no folder can be made in /proc; choose a place elsewhere',
    );
  });
});

it.runIf(process.platform === 'linux')('a log file below /proc is a mistake that is told', () => {
  expect(() => {
    prepareLogFile('/proc/mcp-router/router.log', 'linux');
  }).toThrow('no folder can be made in /proc');
});
