import { existsSync, readFileSync, statSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { openKeyring } from '../support/open-keyring';
import { RouterProcess, TemporaryHome } from '../support/router-process';
import { runTokenCommand } from '../support/token-command';

const OLD = 'old-token-0123456789';
const NEW = 'new-token-0123456789';

const containing = (text: string): unknown => expect.stringContaining(text);

let home: TemporaryHome;
let gateway: Gateway;

beforeEach(async () => {
  home = new TemporaryHome();
  gateway = await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens: [OLD, NEW] } });
});

afterEach(async () => {
  await gateway.stop();
  home.remove();
});

const config = (auth: string): string =>
  home.write('router.yaml', `gateway:\n  url: ${gateway.url}\n  auth: { type: bearer, ${auth} }\n`);

const token = (
  args: readonly string[],
  stdin?: string,
  env?: Readonly<Record<string, string>>,
): ReturnType<typeof runTokenCommand> => runTokenCommand(home, args, stdin, env);

describe('token rotate with a token_file', () => {
  it('SEC-74 proves, swaps the file (0600), keeps the old one beside it, and goes back', async () => {
    const path = home.write('token', `${OLD}\n`);
    const args = ['--config', config(`token_file: ${path}`)];
    const rotated = await token(['rotate', ...args], `${NEW}\n`);
    expect(rotated).toMatchObject({ code: 0, stdout: containing('is in use') });
    expect(readFileSync(path, 'utf8')).toBe(`${NEW}\n`);
    expect([path, `${path}.previous`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(await token(['rollback', ...args])).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe(`${OLD}\n`);
    expect(existsSync(`${path}.previous`)).toBe(false);
    expect(await token(['rollback', ...args])).toMatchObject({ code: 1 });
    expect(rotated.stdout + rotated.stderr).not.toMatch(/(old|new)-token-/);
  });

  it('says whether it was refused, or could not be tried; nothing is changed', async () => {
    const path = home.write('token', OLD);
    const args = ['rotate', '--config', config(`token_file: ${path}`)];
    const refused = await token(args, 'wrong-token');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/refuses the new token.*Nothing was changed/);
    await gateway.stop();
    const untried = await token(args, NEW);
    expect(untried).toMatchObject({ code: 3 });
    expect(untried.stderr).toMatch(/could not be tried.*nothing listens.*Nothing was changed/);
    expect(readFileSync(path, 'utf8')).toBe(OLD);
  });

  it('refuses what it cannot prove or write, and says why', async () => {
    const args = ['rotate', '--config', config('token_env: T')];
    expect((await token(args, NEW, { T: OLD })).stderr).toContain('the variable T');
    expect((await token(['rotate', 'other', '--config', config('token_env: T')], NEW)).stderr).toContain(
      'token set other',
    );
    expect((await token(['rotate', '--config', '/nowhere.yaml'], NEW)).stderr).toContain('does not exist');
    expect(await token(['rotate', 'gateway', NEW])).toMatchObject({ code: 64 });
  });
});

describe.skipIf(process.platform !== 'linux')('with a real keyring', () => {
  it('SEC-73 what token set and token rotate store is used by a running bridge, and the old one is kept apart', async () => {
    const desk = await openKeyring(home.path);
    const path = config('token_secure_key: gateway');
    expect(await token(['set', 'gateway'], OLD, desk.env)).toMatchObject({ code: 0 });
    const router = new RouterProcess(home, { args: ['-c', path], env: desk.env });
    const used = (value: string): Promise<void> =>
      gateway.until(value, ({ recording }) =>
        recording.upgrades.some(({ headers }) => headers.authorization === `Bearer ${value}`),
      );
    try {
      router.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
      expect(await router.reply(1)).toHaveProperty('result');
      await token(['set', 'another'], 'nobody uses it', desk.env);
      await token(['set', 'gateway'], OLD, desk.env);
      expect(await token(['rotate', 'gateway', '-c', path], NEW, desk.env)).toMatchObject({ code: 0 });
      await router.until('the new one', () => router.stderr.includes('credential changed'));
      router.send({ jsonrpc: '2.0', id: 2, method: 'ping' });
      expect(await router.reply(2)).toHaveProperty('result');
      await used(NEW);
      expect(router.stderr.split('credential changed')).toHaveLength(2);
      const listed = await token(['list'], '', desk.env);
      expect(listed.stdout).toMatch(/^gateway +stored \S+ +the one before is kept until /m);
      expect(listed.stdout).not.toContain('~previous');
      expect(await token(['rollback', 'gateway', '-c', path], '', desk.env)).toMatchObject({ code: 0 });
      await router.until('both changes', () => router.stderr.split('credential changed').length === 3);
    } finally {
      await router.end();
      await desk.end();
    }
  });
});
