import { errorSentence } from '../../shared/model/errors';
import type { Adapters } from '../compose';
import { rotationOf, slotsOfAll, type Rotation } from '../engine/index';
import type { SaveTarget, TokenSwap } from '../platform/connection-edit';

import { auditedRotation } from './command-audit';
import { commandAudit, portsOf, quietLog } from './ports';

/** Replaces the token that stands in a keychain entry, if one does: the gateway of that configuration must accept it. */
export function tokenSwap(adapters: Adapters): SaveTarget['swapToken'] {
  const { machine, facts } = adapters;
  const warn = (text: string): void => void facts.stderr.write(`mcp-router: ${text}\n`);
  const ports = portsOf(adapters, quietLog(warn));
  const audit = commandAudit(adapters);
  return async ({ entry, token, config }) => {
    const slot = slotsOfAll(config.gateway_pool.endpoints, ports).find(
      ({ what, inUse }) => what === 'token' && inUse.source === 'keychain' && inUse.name === entry,
    );
    if (slot === undefined || (await ports.secrets.readAnew(entry)).kind !== 'found')
      return { kind: 'nothing-there' };
    if ((await machine.lockdown.look()) !== null) {
      const message = `${errorSentence('locked-down')} A new token cannot be tried before it ends.`;
      return { kind: 'refused', code: 'locked-down', message };
    }
    const about = { source: 'keychain', credential: entry };
    const rotation = auditedRotation(rotationOf(slot, ports, config), {
      audit,
      about,
      configPath: undefined,
    });
    return swapOf(await rotation.begin(token));
  };
}

function swapOf(state: Rotation['state']): TokenSwap {
  if (state.name === 'rotated') return { kind: 'done' };
  if (!('cause' in state)) throw new Error(`a rotation stopped in the state ${state.name}`);
  const { code, detail } = state.cause;
  const why = errorSentence(code, detail);
  const message =
    state.name === 'not-proven'
      ? `${state.isRefused ? 'The gateway does not accept this token' : 'This token could not be tried'}: ${why} The stored one stays in use.`
      : why;
  return { kind: 'refused', code, message };
}
