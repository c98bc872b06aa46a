import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { routerConfigSchema, type LoggingConfig } from '../../../src/shared/model/config';
import { createLog, type Log } from '../../../src/main/platform/log';
import { createSecretMask } from '../../../src/main/platform/secret-mask';
import { useTemporaryHome } from './temporary-home';
import { containing, matching } from './text-matchers';

const home = useTemporaryHome();

function logging(settings: Partial<LoggingConfig> = {}): LoggingConfig {
  const config = routerConfigSchema.parse({ gateway: { url: 'wss://a/' }, logging: settings });
  return config.logging;
}

interface Captured {
  readonly log: Log;
  readonly lines: () => readonly string[];
  readonly failures: readonly string[];
}

function start(settings: Partial<LoggingConfig> = {}, mask = createSecretMask()): Captured {
  const written: string[] = [];
  const failures: string[] = [];
  const log = createLog(logging(settings), {
    place: { platform: 'linux', home: home.path() },
    stderr: { write: (text) => written.push(text) },
    onFailure: (problem) => failures.push(problem),
    mask,
  });
  return { log, failures, lines: () => written.join('').split('\n').slice(0, -1) };
}

const linesOf = async (path: string): Promise<readonly string[]> =>
  (await readFile(path, 'utf8')).split('\n').slice(0, -1);

function messageOf(line: string): unknown {
  const event: unknown = JSON.parse(line);
  return typeof event === 'object' && event !== null && 'msg' in event ? event.msg : null;
}

describe('a log on stderr', () => {
  it('writes one JSON line for each event, with time, level, message and fields', () => {
    const { log, lines } = start();
    log.logger.info('session opened', {
      session: 's1',
      requests: 3,
      isOn: true,
      cause: null,
      gone: undefined,
    });
    const [line = ''] = lines();
    expect(lines()).toHaveLength(1);
    expect(JSON.parse(line)).toEqual({
      timestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'info',
      msg: 'session opened',
      session: 's1',
      requests: 3,
      isOn: true,
      cause: null,
    });
  });

  it('keeps each event on one line, whatever is in it', () => {
    for (const format of ['json', 'text'] as const) {
      const { log, lines } = start({ format });
      log.logger.warn('a\nb\r\u2028c\u001b[31m', { x: 'line\nbreak "quoted" \u009b0m', level: 'mine' });
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    }
  });

  it('writes text lines that people can read', () => {
    const { log, lines } = start({ format: 'text' });
    log.logger.error('auth failed', { code: 'auth-failed', detail: 'HTTP 401 "no"', empty: '' });
    expect(lines()[0]).toMatch(
      /^\d{4}-\S+Z ERROR auth failed code=auth-failed detail="HTTP 401 \\"no\\"" empty=""$/,
    );
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('at level %s writes %i of four levels', (level, count) => {
    const { log, lines } = start({ level });
    log.logger.debug('d');
    log.logger.info('i');
    log.logger.warn('w');
    log.logger.error('e');
    expect(lines()).toHaveLength(count);
  });

  it('SEC-05 masks secrets in messages and fields, in every form', () => {
    const { log, lines } = start();
    log.mask.add('sk-"secret"');
    log.mask.add('123456');
    log.logger.info('got sk-"secret"', {
      url: `wss://x/?t=${encodeURIComponent('sk-"secret"')}`,
      basic: Buffer.from('u:sk-"secret"').toString('base64'),
      pin: 123456,
    });
    expect(lines().join()).not.toMatch(/secret|123456/);
    expect(lines().join()).not.toContain(Buffer.from('sk-"secret"').toString('base64').slice(4, 12));
  });

  it('masks the values themselves even when sanitize is off', () => {
    const { log, lines } = start({ sanitize: false });
    log.mask.add('sk-secret');
    log.logger.info('got sk-secret');
    expect(lines().join()).not.toContain('sk-secret');
  });

  it.each([
    [true, false],
    [false, true],
  ])('with sanitize %s shows the other forms of a secret: %s', (sanitize, isShown) => {
    const { log, lines } = start({ sanitize });
    log.mask.add('sk-secret-value');
    const inBase64 = Buffer.from('sk-secret-value').toString('base64');
    log.logger.info(`got ${inBase64}`);
    expect(lines().join().includes(inBase64)).toBe(isShown);
  });

  it('remembers the secrets of the log before a reload', () => {
    const before = start();
    before.log.mask.add('sk-old');
    before.log.close();
    before.log.logger.info('late');
    const after = start({}, createSecretMask());
    const kept = createLog(logging(), {
      place: { platform: 'linux', home: undefined },
      stderr: { write: (text) => after.failures.concat(text) },
      mask: before.log.mask,
    });
    expect(kept.mask.apply('sk-old', 'value')).not.toContain('sk-old');
    expect(before.lines()).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a log in a file', () => {
  it('creates file and folder for the own user only', async () => {
    const { log, lines, failures } = start({ output: '~/logs/router.log' });
    log.logger.info('one');
    log.logger.info('two');
    const path = join(home.path(), 'logs', 'router.log');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.path(), 'logs'))).mode & 0o777).toBe(0o700);
    expect((await linesOf(path)).map((line) => messageOf(line))).toEqual(['one', 'two']);
    expect(lines()).toEqual([]);
    expect(failures).toEqual([]);
    expect(log.isHealthy()).toBe(true);
  });

  it('takes the permissions of others away from a file that is already there', async () => {
    const path = await home.write('router.log', 'old\n', 0o644);
    start({ output: path }).log.logger.info('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await linesOf(path)).toHaveLength(2);
  });

  it('rotates at max_file_bytes, loses no line, and keeps one old file', async () => {
    const path = join(home.path(), 'router.log');
    const { log, failures } = start({ output: path, max_file_bytes: 1024 });
    for (let index = 0; index < 9; index += 1)
      log.logger.info(`event ${index}`, { padding: 'x'.repeat(100) });
    const old = await linesOf(`${path}.1`);
    const current = await linesOf(path);
    expect(old.length + current.length).toBe(9);
    expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(1024 + 300);
    expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(failures).toEqual([]);
    for (let index = 0; index < 20; index += 1)
      log.logger.info(`more ${index}`, { padding: 'x'.repeat(100) });
    expect((await readdir(home.path())).sort()).toEqual(['router.log', 'router.log.1']);
  });

  it('goes to stderr, says so once and never throws when the file cannot be opened', async () => {
    await writeFile(join(home.path(), 'blocked'), '');
    const output = join(home.path(), 'blocked', 'router.log');
    const { log, lines, failures } = start({ output });
    log.logger.info('one');
    log.logger.info('two');
    expect(failures).toEqual([
      `The log file ${output} cannot be written: a part of the path is not a folder.`,
    ]);
    expect(lines().map((line) => messageOf(line))).toEqual([
      'the log file cannot be written; the log goes to stderr instead',
      'one',
      'two',
    ]);
    expect(log.isHealthy()).toBe(false);
  });

  it('loses no event when the file becomes unwritable on the way', async () => {
    const path = join(home.path(), 'logs', 'router.log');
    const { log, lines, failures } = start({ output: path });
    log.logger.info('one');
    // A folder in its place: this stops root as well, unlike a mode.
    await rm(path);
    await mkdir(path);
    log.logger.info('two');
    log.logger.info('three');
    expect(failures).toHaveLength(1);
    expect(lines().map((line) => messageOf(line))).toEqual([
      'the log file cannot be written; the log goes to stderr instead',
      'two',
      'three',
    ]);
  });

  it('makes a new file when the old one was moved away', async () => {
    const path = join(home.path(), 'router.log');
    const { log } = start({ output: path });
    log.logger.info('one');
    await rm(path);
    log.logger.info('two');
    expect(await linesOf(path)).toHaveLength(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves devices as they are', async () => {
    const before = (await stat('/dev/null')).mode;
    start({ output: '/dev/null' }).log.logger.info('one');
    expect((await stat('/dev/null')).mode).toBe(before);
  });

  it('says when there is no home folder for its path', () => {
    const problems: string[] = [];
    createLog(logging({ output: '~/router.log' }), {
      place: { platform: 'linux', home: undefined },
      stderr: { write: () => true },
      onFailure: (problem) => problems.push(problem),
    });
    expect(problems).toEqual([containing('no home folder')]);
  });

  it('writes what other logs of this process do not get', async () => {
    const first = join(home.path(), 'first.log');
    const second = join(home.path(), 'second.log');
    const one = start({ output: first });
    const two = start({ output: second, level: 'error' });
    one.log.logger.info('for the first');
    two.log.logger.info('for nobody');
    two.log.logger.error('for the second');
    expect(await linesOf(first)).toHaveLength(1);
    expect(await linesOf(second)).toHaveLength(1);
    await chmod(first, 0o600);
  });
});
