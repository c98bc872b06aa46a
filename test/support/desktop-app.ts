import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { _electron } from 'playwright-core';
import { startSessionBus } from '../../scripts/desktop/session-bus.mjs';
import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import { DesktopEvidence } from './canary/desktop-evidence';

/** A home with a session bus and a keyring of its own, for one test. */
export interface DesktopSession {
  readonly home: string;
  /** What a program needs to be part of the session: lay it over the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is searched for canaries when it closes. */
  readonly evidence: DesktopEvidence;
  /** Throws when a canary stands anywhere but where a secret may be (SEC-56). */
  close(): Promise<void>;
}

type Keyring = 'unlocked' | 'locked' | 'none';

/**
 * Starts a session on a new home, or on one of an earlier session to see what survived.
 * Needs the display that scripts/desktop-session.mjs gives.
 */
export async function startDesktopSession(keyring: Keyring, earlierHome?: string): Promise<DesktopSession> {
  const home = earlierHome ?? (await mkdtemp(join(tmpdir(), 'home-')));
  const runtimeFolder = await mkdtemp(join(tmpdir(), 'run-'));
  const bus = await startSessionBus({ home, runtimeFolder, keyring });
  const evidence = new DesktopEvidence();
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await bus.close();
    const leaks = evidence.leaks([home, runtimeFolder]);
    await rm(runtimeFolder, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`canaries were found:\n${JSON.stringify(leaks, null, 2)}`);
  };
  return { home, environment: bus.environment, evidence, close };
}

/** True where Chromium's sandbox cannot start, such as in a container without namespaces; said by the wrapper. */
export const isSandboxImpossible = (): boolean => process.env['MCP_ROUTER_SANDBOX'] === 'none';

/** True where a packed app has its sandbox too, and not just the Electron that the wrapper prepared. */
export const hasSandboxWhenPacked = (): boolean =>
  !['helper', 'none'].includes(process.env['MCP_ROUTER_SANDBOX'] ?? '');

/** Folder for screenshots and other artefacts of a run. */
export const artifactsFolder = (): string => process.env['MCP_ROUTER_ARTIFACTS'] ?? 'artifacts';

/** How one start of the app differs from the next. */
export interface DesktopLaunch {
  readonly session: DesktopSession;
  /** Arguments of the app. */
  readonly args?: readonly string[];
  /** Laid over the environment of the session. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A packed app to run instead of the built files. */
  readonly executablePath?: string;
}

const stringsOf = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

const preloaded = ['hold-until-attached.cjs', 'canary/record-ipc.cjs'].flatMap((name) => [
  '-r',
  join(import.meta.dirname, name),
]);

/** Starts the real app, sandboxed unless that is impossible here, with Playwright attached. */
export async function launchDesktopApp(launch: DesktopLaunch): Promise<ElectronApplication> {
  const built = launchable(await resolveElectron());
  const { executablePath, args } =
    launch.executablePath === undefined
      ? { ...built, args: [...preloaded, ...built.args] }
      : { executablePath: launch.executablePath, args: [] };
  const { evidence, environment } = launch.session;
  const app = await _electron.launch({
    executablePath,
    args: [...args, ...(launch.args ?? [])],
    // Playwright turns the sandbox off unless it is told otherwise.
    chromiumSandbox: launch.executablePath === undefined ? !isSandboxImpossible() : hasSandboxWhenPacked(),
    // The address of the metrics is one for the whole machine, and tests run side by side.
    env: {
      ...stringsOf(process.env),
      MCP_METRICS_ENABLED: 'false',
      MCP_ROUTER_TEST_IPC: evidence.ipcFile,
      ...environment,
      ...launch.environment,
    },
    timeout: 60_000,
  });
  evidence.watch(app);
  return app;
}
