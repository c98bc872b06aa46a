import type { RouterConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';
import type { Degradation } from '../../shared/model/status';
import type { Engine } from '../engine/index';
import type { Logger } from '../engine/ports';
import type { ClientTokens } from '../platform/client-tokens';
import { errorCode, systemReason } from '../platform/guarded-file';

/** What the door needs of the process. */
export interface HttpDoorParts {
  readonly engine: Engine;
  readonly tokens: ClientTokens;
  readonly logger: Logger;
  readonly degrade: (degradation: Degradation) => void;
}

/** Opens the local HTTP address where the configuration wants it. One that stays shut is said and shown, and ends nothing. */
export async function openHttpDoor(
  { engine, tokens, logger, degrade }: HttpDoorParts,
  { local: { http } }: RouterConfig,
): Promise<void> {
  if (!http.enabled) return;
  const holders = await tokens.follow((problem) => {
    logger.error(`No client gets in over HTTP: ${problem}`, { code: 'http-unavailable' });
  });
  const why = await problemOf(() => engine.listenOnHttp(holders));
  if (why === null) return;
  holders.close();
  const text = `Clients cannot connect over HTTP: ${why}`;
  logger.error(text, { code: 'http-unavailable', address: http.address });
  degrade({ code: 'http-unavailable', text });
}

async function problemOf(open: () => Promise<void>): Promise<string | null> {
  try {
    await open();
    return null;
  } catch (error) {
    if (error instanceof RouterError) return error.message;
    const code = errorCode(error);
    if (code === '') throw error;
    return code === 'EADDRINUSE'
      ? 'another program uses local.http.address'
      : `local.http.address: ${systemReason(error)}`;
  }
}
