import type { RouterConfig } from '../../shared/model/config';
import type { Degradation } from '../../shared/model/status';
import type { Engine } from '../engine/index';
import type { Logger } from '../engine/ports';
import { defaultSocketPath, expandHome, usualSocketPaths, type Place } from '../platform/paths';
import { dialFirst, openSocketAt } from '../platform/socket-path';

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
  const { place, uid, logger, degrade } = parts;
  const path = socketPathOf(config, place, uid);
  const why = (await otherRouter(config, place, uid)) ?? (await problemOfOpening(path, parts));
  if (why === null) return;
  const text = `Clients cannot attach to this router: ${why}`;
  logger.error(text, { code: 'socket-unavailable' });
  degrade({ code: 'socket-unavailable', text });
}

async function problemOfOpening(path: string, { uid, engine }: DoorParts): Promise<string | null> {
  const opened = await openSocketAt(path, uid, (free) => engine.listenOnSocket(free));
  if (opened.kind === 'open') return null;
  return opened.kind === 'in-use' ? `another router listens on ${path}` : opened.problem;
}

/** One that was started with other variables listens elsewhere, and clients would find the one or the other. */
async function otherRouter(config: RouterConfig, place: Place, uid: number | null): Promise<string | null> {
  if (config.local.socket.path !== undefined) return null;
  const dialed = await dialFirst(usualSocketPaths(place, uid), uid);
  if (dialed.kind !== 'open') return null;
  dialed.socket.destroy();
  return `another router listens on ${dialed.path}`;
}
