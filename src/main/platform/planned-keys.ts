import type { ConfigNode } from './config-tree';

/**
 * Keys of the security guide that this version does not have yet. Accepting them silently would promise protection
 * that is not there. A section covers all that is below it.
 */
export const plannedKeys: ReadonlySet<string> = new Set(['security.lockdown']);

/** True when the key only says that the thing is off, which it is in this version anyway. */
export function isSwitchedOff(node: ConfigNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return node.value === false || node.value === null;
    case 'list':
      return false;
    case 'map': {
      const enabled = node.entries.get('enabled');
      if (enabled !== undefined) return enabled.kind === 'scalar' && enabled.value === false;
      return [...node.entries.values()].every(isSwitchedOff);
    }
  }
}
