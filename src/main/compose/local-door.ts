import type { RouterConfig } from '../../shared/model/config';
import type { Degradation } from '../../shared/model/status';
import type { Engine } from '../engine/index';
import type { Logger } from '../engine/ports';
import { defaultSocketPath, expandHome, type Place } from '../platform/paths';
import { openSocketAt } from '../platform/socket-path';

/** What the door needs of the process. */
export interface DoorParts {
  readonly place: Place;
  readonly uid: number | null;
  readonly engine: Engine;
  readonly logger: Logger;
  readonly degrade: (degradation: Degradation) => void;
}

/** Where clients of this user find the router. */
export function socketPathOf(config: RouterConfig, place: Place, uid: number | null): string {
  const { path } = config.local.socket;
  return path === undefined ? defaultSocketPath(place, uid) : (expandHome(path, place) ?? path);
}

/**
 * Opens the local socket where only this user can reach it. A router without it is of use all the same (its
 * gateway side, a read-only container), so that a door which stays shut is said and shown, and ends nothing.
 */
export async function openLocalDoor(parts: DoorParts, config: RouterConfig): Promise<void> {
  if (!config.local.socket.enabled) return;
  const { place, uid, engine, logger, degrade } = parts;
  const path = socketPathOf(config, place, uid);
  const opened = await openSocketAt(path, uid, (free) => engine.listenOnSocket(free));
  if (opened.kind === 'open') return;
  const why = opened.kind === 'in-use' ? `another router listens on ${path}` : opened.problem;
  const text = `Clients cannot attach to this router: ${why}`;
  logger.error(text, { code: 'socket-unavailable' });
  degrade({ code: 'socket-unavailable', text });
}
