import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { _electron } from 'playwright-core';
import { startSessionBus } from '../../scripts/desktop/session-bus.mjs';
import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';

/** A home with a session bus and a keyring of its own, for one test. */
export interface DesktopSession {
  readonly home: string;
  /** What a program needs to be part of the session: lay it over the environment. */
  readonly environment: Readonly<Record<string, string>>;
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
  const close = async (): Promise<void> => {
    await bus.close();
    await rm(runtimeFolder, { recursive: true, force: true });
  };
  return { home, environment: bus.environment, close };
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

/** Starts the real app, sandboxed unless that is impossible here, with Playwright attached. */
export async function launchDesktopApp(launch: DesktopLaunch): Promise<ElectronApplication> {
  const built = launchable(await resolveElectron());
  const { executablePath, args } =
    launch.executablePath === undefined
      ? { ...built, args: ['-r', join(import.meta.dirname, 'hold-until-attached.cjs'), ...built.args] }
      : { executablePath: launch.executablePath, args: [] };
  return await _electron.launch({
    executablePath,
    args: [...args, ...(launch.args ?? [])],
    // Playwright turns the sandbox off unless it is told otherwise.
    chromiumSandbox: launch.executablePath === undefined ? !isSandboxImpossible() : hasSandboxWhenPacked(),
    // The address of the metrics is one for the whole machine, and tests run side by side.
    env: {
      ...stringsOf(process.env),
      MCP_METRICS_ENABLED: 'false',
      ...launch.session.environment,
      ...launch.environment,
    },
    timeout: 60_000,
  });
}
