import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { listPackage } from '@electron/asar';
import { flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectableCopy } from '../../scripts/inspectable-copy.mjs';
import { packedApp } from '../../scripts/pack/packed-app.mjs';
import type { DesktopSession } from '../support/desktop-app';
import { hasSandboxWhenPacked, launchDesktopApp, startDesktopSession } from '../support/desktop-app';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';

const { executablePath, resources } = packedApp();
const hasSandbox = hasSandboxWhenPacked();
let session: DesktopSession;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'function', handle: (_request, reply) => reply.result({}) },
  });
  session = await startDesktopSession('unlocked');
  const folder = join(session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = ['gateway:', `  url: ${gateway.url}`, '  auth: { type: none }'];
  await writeFile(join(folder, 'mcp-router.yaml'), `${lines.join('\n')}\n`, { mode: 0o600 });
});

afterEach(async () => {
  await session.close();
  await gateway.stop();
});

/** Starts what is shipped, as a person would. */
const startShipped = (...args: string[]): ReturnType<typeof spawn> =>
  spawn(executablePath, args, {
    env: {
      ...process.env,
      MCP_METRICS_ENABLED: 'false',
      ...session.environment,
      ELECTRON_RUN_AS_NODE: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });

/** Waits for a word in the log, which goes to stderr. */
const untilSaid = ({ stderr }: ReturnType<typeof spawn>, word: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = '';
    stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes(word)) resolve();
    });
    stderr?.on('end', () => reject(new Error(`It never said "${word}": ${said}`)));
  });

/** What a packed app says to `--stdio --version`, within a time. */
async function version(program: string): Promise<string> {
  const app = spawn(program, ['--stdio', '--version'], {
    env: { ...process.env, ...session.environment },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const said: string[] = [];
  app.stdout.on('data', (chunk) => said.push(String(chunk)));
  await once(app, 'close');
  return said.join('');
}

describe('the packed app', () => {
  it('starts and connects; its window is the window', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copy-'));
    // Hidden at first: Playwright cannot hold back a packed app until it is there to see the window.
    const copy = await inspectableCopy(join(folder, 'app'));
    const app = await launchDesktopApp({ session, executablePath: copy, args: ['--hidden'] });
    try {
      await gateway.until('connected', ({ connections }) => connections.length === 1, 30_000);
      const opened = app.waitForEvent('window');
      await app.evaluate(({ app: running }) => running.emit('activate'));
      const page = await opened;
      await page.getByRole('heading', { level: 1, name: 'Connected' }).waitFor();
      expect(await app.evaluate(({ app: running }) => running.isPackaged)).toBe(true);
      expect(gateway.recording.upgrades).toHaveLength(1);
    } finally {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.runIf(hasSandbox)(
    'as it is shipped: connects, is no Node on request, and says goodbye at its end',
    async () => {
      const app = startShipped('--hidden');
      // Before it has seen the answer there is nothing to say goodbye to.
      await untilSaid(app, 'connection connected');
      app.kill('SIGTERM');
      expect(await once(app, 'exit')).toEqual([0, null]);
      await gateway.until('closed', ({ recording }) => recording.closes.length === 1);
      expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000]);
    },
  );

  it
    .runIf(hasSandbox)
    .each(['--remote-debugging-port=0', '--inspect=0', '--no-sandbox', '--js-flags=--expose-gc'])(
    'as it is shipped: refuses to start with %s',
    async (argument) => {
      expect(await once(startShipped(argument), 'exit')).toEqual([2, null]);
      expect(gateway.recording.upgrades).toEqual([]);
    },
  );

  it('SEC-114 has the fuses of a shipped app', async () => {
    const wire = await getCurrentFuseWire(executablePath);
    const on = [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, FuseV1Options.OnlyLoadAppFromAsar];
    const off = [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableCookieEncryption,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
      FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
      FuseV1Options.GrantFileProtocolExtraPrivileges,
    ];
    // The wire holds the characters `0` and `1`.
    expect(on.map((fuse) => String.fromCharCode(Number(wire[fuse])))).toEqual(on.map(() => '1'));
    expect(off.map((fuse) => String.fromCharCode(Number(wire[fuse])))).toEqual(off.map(() => '0'));
  });

  it('SEC-114 differs from the copy that tests run in one byte, the fuse of inspection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copy-'));
    try {
      const copy = await inspectableCopy(join(folder, 'app'));
      const shipped = dirname(executablePath);
      const files = readdirSync(shipped, { recursive: true, encoding: 'utf8' }).filter((name) =>
        statSync(join(shipped, name)).isFile(),
      );
      const changed = files.filter(
        (name) => !readFileSync(join(shipped, name)).equals(readFileSync(join(folder, 'app', name))),
      );
      expect(changed).toEqual([relative(shipped, executablePath)]);
      const [before, after] = [readFileSync(executablePath), readFileSync(copy)];
      expect(after.length).toBe(before.length);
      expect(after.reduce((count, byte, index) => (byte === before[index] ? count : count + 1), 0)).toBe(1);
      const [own, of] = await Promise.all([getCurrentFuseWire(executablePath), getCurrentFuseWire(copy)]);
      expect({ ...of, [FuseV1Options.EnableNodeCliInspectArguments]: null }).toEqual({
        ...own,
        [FuseV1Options.EnableNodeCliInspectArguments]: null,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.runIf(hasSandbox)(
    'SEC-117 runs what is in its ASAR file, not what lies beside it, and nothing without it',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'planted-'));
      const copy = join(folder, basename(executablePath));
      const inCopy = (name: string): string =>
        join(folder, relative(dirname(executablePath), resources), name);
      try {
        await cp(dirname(executablePath), folder, { recursive: true, verbatimSymlinks: true });
        await mkdir(inCopy('app'));
        await writeFile(inCopy('app/package.json'), '{ "name": "planted", "main": "index.js" }');
        await writeFile(inCopy('app/index.js'), "process.stdout.write('planted'); process.exit(0);");
        expect(await version(copy)).toMatch(/^\d+\.\d+\.\d+\s*$/);
        await rm(inCopy('app.asar'));
        expect(await version(copy)).toBe('');
        // What was planted would have run but for the fuse.
        await flipFuses(copy, {
          version: FuseVersion.V1,
          resetAdHocDarwinSignature: process.platform === 'darwin',
          [FuseV1Options.OnlyLoadAppFromAsar]: false,
        });
        expect(await version(copy)).toBe('planted');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );

  it('holds the bundles, the icons and keytar, and nothing of the tests or the demo', () => {
    const allowed =
      /^\/(package\.json|(out|assets|node_modules)$|out\/(main|preload|renderer|cli)(\/|$)|assets\/(icon\.png|tray)|node_modules\/keytar(\/|$))/;
    const held = listPackage(join(resources, 'app.asar'), { isPack: false });
    expect(held).toContain('/out/main/index.js');
    expect(held).toContain(`/node_modules/keytar/prebuilds/${process.platform}-${process.arch}/keytar.node`);
    expect(held.filter((path) => !allowed.test(path))).toEqual([]);
  });

  it('brings the command line for plain Node', async () => {
    const program = join(resources, 'app.asar.unpacked', 'out', 'cli', 'mcp-router.js');
    const child = spawn(process.execPath, [program, 'config', 'check'], {
      env: { ...process.env, ...session.environment },
      stdio: 'ignore',
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
