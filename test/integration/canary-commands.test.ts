import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, initialize } from '../support/attach-bench';
import { canary, marksOf } from '../support/canary/canary';
import { CanaryDesk } from '../support/canary/canary-desk';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { keyring, onSessionBus } from '../support/keyring-session';
import { openKeyring } from '../support/open-keyring';
import { emptyEnvironment } from '../support/router-process';

const OLD = canary('token');
const NEXT = canary('token-next');
const WRONG = canary('token-wrong');
/** Where a command is run again and again, a request ends with it. */
const REQUEST_TIMEOUT_MS = 1000;

let desk: CanaryDesk;
let gateway: Gateway;

beforeEach(async () => {
  desk = new CanaryDesk();
  gateway = await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens: [OLD, NEXT] } });
});

afterEach(async () => {
  await desk.remove();
  await gateway.stop();
});

const bearer = (lines: string): readonly string[] => [
  `url: ${gateway.url}`,
  `auth: { type: bearer, ${lines} }`,
];

describe.skipIf(process.platform !== 'linux')('SEC-56 commands with canaries in every slot', () => {
  it('rotate, roll back, verify, export and list beside a running router, in a file', async () => {
    const config = desk.config(bearer(`token_file: ${desk.give('token', OLD)}`));
    const at = ['-c', config];
    await desk.serve(config);
    await desk.untilLogged(/"connection connected"/);
    expect((await desk.command(['token', 'rotate', ...at], {}, WRONG)).child.exitCode).toBe(1);
    expect((await desk.command(['token', 'rotate', ...at], {}, `${NEXT}\n`)).child.exitCode).toBe(0);
    await desk.untilLogged(/credential changed/);
    expect((await desk.command(['token', 'rollback', ...at])).child.exitCode).toBe(0);
    await desk.command(['token', 'rotate', ...at], {}, NEXT);
    // Now the new one is refused, and the router goes back by itself.
    gateway.reconfigure({ auth: { kind: 'tokens', tokens: [OLD] } });
    gateway.dropConnections();
    await desk.untilLogged(/the old one is in use again/);
    await desk.scrape();
    for (const args of [
      ['config', 'check'],
      ['token', 'list'],
      ['audit', 'verify'],
      ['audit', 'tail'],
      ['audit', 'export', '--format', 'csv'],
      ['audit', 'export', '--format', 'jsonl'],
    ])
      await desk.command([...args, ...at]);
    for (const args of [
      ['clients', 'list'],
      ['clients', 'connect', 'claude-code', '--yes'],
      ['--version'],
      ['--help'],
    ])
      await desk.command(args);
    expect(await desk.leaks()).toEqual([]);
    expect(desk.openToOthers()).toEqual([]);
  });

  it('keep tokens in a real keyring, and say nothing of them when it is locked', async () => {
    const config = desk.config(bearer('token_secure_key: gateway'));
    const session = await openKeyring(desk.home.path);
    try {
      for (const [args, stdin] of [
        [['token', 'set', 'gateway'], OLD],
        [['token', 'rotate', 'gateway', '-c', config], NEXT],
        [['token', 'list', '-c', config], ''],
      ] as const)
        expect((await desk.command(args, session.env, stdin)).child.exitCode).toBe(0);
      const bridge = desk.run(['-c', config], session.env);
      bridge.send(ask(1, 'tools/list'));
      expect(await bridge.reply(1)).toHaveProperty('result');
      await bridge.end();
    } finally {
      await session.end();
    }
    const locked = await lockedSession();
    try {
      for (const args of [
        ['config', 'check', '-c', config],
        ['token', 'list', '-c', config],
      ])
        await desk.command(args, locked.env);
      const bridge = desk.run(['-c', config], locked.env);
      bridge.send(ask(1, 'tools/list'));
      expect(JSON.stringify(await bridge.reply(1))).toContain('keychain-locked');
      await bridge.end();
    } finally {
      await locked.end();
    }
    expect(await desk.leaks()).toEqual([]);
  });

  it('let clients in over HTTP with tokens of their own, and refuse what is none', async () => {
    const config = desk.config(bearer(`token_file: ${desk.give('token', OLD)}`));
    await desk.serve(config);
    await desk.untilLogged(/"door":"http","address"/);
    const made = (await desk.command(['clients', 'token', 'add', 'editor'])).lines.join('');
    const authorization = `Bearer ${made}`;
    await expect.poll(() => desk.post('/mcp', { authorization }, initialize)).toBe(200);
    const wrong = canary('client-token-wrong');
    const inAddress = encodeURIComponent(wrong);
    expect(await desk.post('/mcp', { authorization: `Bearer ${wrong}` }, initialize)).toBe(401);
    for (const [path, headers] of [
      [`/mcp?token=${inAddress}`, {}],
      [`/${inAddress}`, {}],
      ['/mcp', { authorization: wrong, cookie: `token=${wrong}` }],
      ['/mcp', { authorization, origin: `https://${wrong}` }],
      ['/mcp', { authorization, 'mcp-session-id': wrong }],
      ['/mcp', { authorization, 'mcp-protocol-version': wrong }],
    ] as const)
      expect(await desk.post(path, headers, ask(1, 'tools/list'))).toBeGreaterThanOrEqual(400);
    for (const args of [
      ['clients', 'token', 'list'],
      ['clients', 'token', 'revoke', 'editor'],
      ['audit', 'tail', '-c', config],
    ])
      await desk.command(args);
    // Shown this once, to the person who asked for it.
    expect(await desk.leaks(marksOf('a token for a client', made), /^stdout of clients token add/)).toEqual(
      [],
    );
  });

  it.each(['prints it', 'prints it and fails', 'prints two lines', 'is a text that nobody can run'])(
    'a token_command that %s',
    async (how) => {
      const secret = desk.give('secret', OLD);
      const ends: Readonly<Record<string, string>> = {
        'prints it and fails': 'cat "$0.txt" >&2; exit 3',
        'prints two lines': 'cat "$0.txt"',
      };
      const script = desk.give('command', `#!/bin/sh\ncat ${secret}\necho\n${ends[how] ?? ''}\n`);
      desk.give('command.txt', WRONG);
      chmodSync(script, 0o700);
      const argv = how === 'is a text that nobody can run' ? script.replace('command', 'secret') : script;
      const config = desk.config(bearer(`token_command: ["${argv}"]`), REQUEST_TIMEOUT_MS);
      const bridge = desk.run(['-c', config]);
      bridge.send(ask(1, 'tools/list'));
      await bridge.reply(1);
      await bridge.end();
      await desk.command(['config', 'check', '-c', config]);
      expect(await desk.leaks()).toEqual([]);
    },
  );
});

/** The keyring of a session before, without its password. */
async function lockedSession(): ReturnType<typeof openKeyring> {
  const { path } = desk.home;
  const line = `${keyring.locked} echo "bus $DBUS_SESSION_BUS_ADDRESS"; read -r _`;
  const [program, ...args] = onSessionBus(path, line);
  const child = spawn(program, args, { env: emptyEnvironment(path), stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  while (!/bus (\S+)\n/.test(text)) text += String((await once(child.stdout, 'data'))[0]);
  const gone = once(child, 'exit');
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: /bus (\S+)\n/.exec(text)?.[1] ?? '' },
    end: async () => {
      child.stdin.end('\n');
      await gone;
    },
  };
}

/** Ways to put a secret where it does not belong. */
const inline: Readonly<Record<string, (secret: string, inAddress: string) => string>> = {
  'a key for the secret itself': (secret) => `gateway: { url: wss://g.example/, auth: { token: ${secret} } }`,
  'a bearer token for its variable': (secret) =>
    `gateway: { url: wss://g.example/, auth: { token_env: ${secret} } }`,
  'a token for its file': (secret) => `gateway: { url: wss://g.example/, auth: { token_file: ${secret} } }`,
  'a token for its entry': (secret) =>
    `gateway: { url: wss://g.example/, auth: { token_secure_key: ${secret} } }`,
  'a token for the command': (secret) =>
    `gateway: { url: wss://g.example/, auth: { token_command: [${secret}] } }`,
  'a password for its variable': (secret) =>
    `gateway: { url: wss://g.example/, proxy: { url: "http://p.example:1", username: a, password_env: ${secret} } }`,
  'a password in the address of the proxy': (_secret, inAddress) =>
    `gateway: { url: wss://g.example/, proxy: { url: "http://ann:${inAddress}@p.example:1" } }`,
  'a password in the address': (_secret, inAddress) =>
    `gateway: { url: "wss://ann:${inAddress}@g.example/" }`,
  'a token in the address': (_secret, inAddress) => `gateway: { url: "wss://g.example/?token=${inAddress}" }`,
  'a wrong type': (secret) => `gateway: { url: wss://g.example/, auth: { type: ${secret} } }`,
  'a number': (secret) => `gateway: { url: wss://g.example/, connection: { timeout_ms: ${secret} } }`,
  'a key that nobody knows': (secret) => `gateway: { url: wss://g.example/, auth: { ${secret}: true } }`,
  'a value of such a key': (secret) => `gateway: { url: wss://g.example/, auth: { tokn: ${secret} } }`,
  'broken YAML': (secret) => `gateway: { url: wss://g.example/, auth: { token: ${secret}\n  x: ] ${secret}`,
  'a tag': (secret) => `gateway: { url: wss://g.example/, auth: !secret ${secret} }`,
  'an anchor': (secret) => `a: &x ${secret}\ngateway: *x`,
};

describe.skipIf(process.platform !== 'linux')('SEC-56 a configuration that holds the secret itself', () => {
  const write = (kind: string): string => {
    const secret = canary('inline-secret');
    const text = inline[kind]?.(JSON.stringify(secret), encodeURIComponent(secret)) ?? '';
    return desk.home.write(`${kind.replaceAll(' ', '-')}.inline.yaml`, text);
  };

  it('is shown by no message of config check', async () => {
    for (const kind of Object.keys(inline)) await desk.command(['config', 'check', '-c', write(kind)]);
    expect(await desk.leaks()).toEqual([]);
  });

  it.each([
    'a bearer token for its variable',
    'a token for its file',
    'a token for the command',
    'broken YAML',
  ])('is not told to a client: %s', async (kind) => {
    const bridge = desk.run(['-c', write(kind)]);
    bridge.send(ask(1, 'tools/list'));
    expect(await bridge.reply(1)).toHaveProperty('error');
    await bridge.end();
    expect(await desk.leaks()).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('SEC-56 the search finds a real leak', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('a label that holds a token, in what the metrics and config check say, and in the file', async () => {
    const config = desk.config(bearer(`token_file: ${desk.give('token', OLD)}`));
    const leaky = readFileSync(config, 'utf8').replace('site: berlin', `site: ${JSON.stringify(NEXT)}`);
    writeFileSync(config, leaky);
    await desk.serve(config);
    await desk.scrape();
    await desk.command(['config', 'check', '-c', config]);
    const places = new Set((await desk.leaks()).map(({ place }) => place));
    expect([...places].sort()).toEqual([
      'an answer of the metrics address',
      'router.yaml',
      `stdout of config check -c ${config}`,
    ]);
  });

  it('a program that was started with a token in its arguments', async () => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', OLD], { stdio: 'ignore' });
    await once(child, 'spawn');
    const found = await desk.leaks();
    expect(found.map(({ place }) => place)).toContain('command lines');
  });
});
