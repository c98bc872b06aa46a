import type { HandlersOf } from '../../shared/ipc/call';
import type { CommandResult } from '../../shared/ipc/contract';
import type { LookResult, setupCalls } from '../../shared/ipc/setup-calls';
import type { RouterConfig } from '../../shared/model/config';
import { lookAtGateway } from '../engine/index';
import type { Adapters } from '../compose';
import { saveAccess, saveConnection, type ConnectionSave } from '../platform/connection-edit';
import { earlierSecrets, type FoundSecret } from '../platform/earlier-secrets';
import { inlineToken } from '../platform/inline-token';
import { evaluateConfigText, type LoadedConfig, type LoadOptions } from '../platform/load-config';
import { portsOf, quietLog } from './ports';
import { tokenSwap } from './token-swap';

const refused = (message: string): LookResult => ({ kind: 'refused', message });

/** Setting up for the first time, and what an earlier router left behind. */
export function desktopSetup(adapters: Adapters): HandlersOf<typeof setupCalls> {
  const { machine, facts } = adapters;
  const load: LoadOptions = { place: machine.place, cwd: facts.cwd, uid: facts.uid };
  const missing = async (): Promise<readonly FoundSecret[]> => {
    const loaded = await machine.loadConfig();
    if (loaded.kind !== 'valid') return [];
    const ours = new Set((await machine.keychain.list()).map(({ name }) => name));
    const names = entriesOf(loaded.config).filter((name) => !ours.has(name));
    return earlierSecrets(names, { place: machine.place, uid: facts.uid, keychain: machine.keychain });
  };
  const inline = async () => {
    const path = pathOf(await machine.loadConfig());
    const found = path === null ? null : await inlineToken(path, load);
    return found === null || path === null ? null : { path, ...found };
  };
  return {
    'setup.look': looker(adapters, load),
    'setup.earlier': async () => ({
      secrets: (await missing()).map(({ name, place }) => ({ name, place })),
      hasInlineToken: (await inline()) !== null,
    }),
    'setup.takeOver': async () => {
      const found = await inline();
      if (found !== null) {
        const { path, url, token } = found;
        const target = { path, tokenEntry: undefined, secrets: machine.keychain, load };
        return resultOf(await saveConnection({ ...target, swapToken: tokenSwap(adapters) }, { url, token }));
      }
      for (const { name, value } of await missing()) {
        const change = await machine.keychain.write(name, value);
        if (change.kind === 'done') continue;
        const code = change.kind === 'locked' ? 'keychain-locked' : 'keychain-unavailable';
        return { ok: false, code, message: change.reason };
      }
      return { ok: true };
    },
    'setup.save': async (access) => {
      const path = pathOf(await machine.loadConfig());
      if (path === null) return { ok: false, code: 'config-unreadable', message: NO_FOLDER };
      return resultOf(await saveAccess({ path, load }, access));
    },
  };
}

/** Looks at one address at a time: who types on wants to know about the newest alone. */
function looker(adapters: Adapters, load: LoadOptions): HandlersOf<typeof setupCalls>['setup.look'] {
  let looking: AbortController | null = null;
  return async ({ url }) => {
    looking?.abort();
    looking = new AbortController();
    const { signal } = looking;
    const text = `gateway: { url: ${JSON.stringify(url.trim())} }`;
    const loaded = evaluateConfigText(text, '', { ...load, place: { ...load.place, env: {} } });
    if (loaded.kind !== 'valid') return refused(urlProblem(loaded));
    const ports = portsOf(
      adapters,
      quietLog(() => undefined),
    );
    try {
      return { kind: 'seen', look: await lookAtGateway(ports, loaded.config, signal) };
    } catch (error) {
      if (signal.aborted) return refused('Another address was entered meanwhile.');
      throw error;
    }
  };
}

const NO_FOLDER = 'This user has no home folder to write a configuration to.';

function resultOf(save: ConnectionSave): CommandResult {
  if (save.kind === 'saved') return { ok: true };
  const { code, message, field } = save;
  return { ok: false, code, message, ...(field === undefined ? {} : { field }) };
}

function urlProblem(loaded: Exclude<LoadedConfig, { kind: 'valid' }>): string {
  if (loaded.kind !== 'invalid') return 'Enter the address of your gateway.';
  const errors = loaded.problems.filter(({ severity }) => severity === 'error');
  const ofUrl = errors.find(({ path }) => path.endsWith('.url')) ?? errors[0];
  return ofUrl === undefined ? 'This address cannot be used.' : `This ${ofUrl.message}`;
}

const pathOf = (loaded: LoadedConfig): string | null =>
  (loaded.kind === 'absent' ? loaded.savePath : loaded.path) ?? null;

/** Every keychain entry that the configuration names. */
function entriesOf(config: RouterConfig): readonly string[] {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key.endsWith('_secure_key') && typeof inner === 'string') names.add(inner);
      else walk(inner);
    }
  };
  walk(config);
  return [...names];
}
