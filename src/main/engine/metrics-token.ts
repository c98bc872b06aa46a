import { createHash, timingSafeEqual } from 'node:crypto';

import type { MetricsConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';

import { fromEnvironment, fromFile, fromStore } from './auth/credentials';
import type { EnginePorts } from './ports';

type TokenPorts = Pick<EnginePorts, 'secrets' | 'environment' | 'files' | 'mask'>;

/** Judges the Authorization header of a request. */
export type Authorize = (authorization: string | undefined) => boolean;

const TOKEN_SHAPE = /^[\x21-\x7e]+$/;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Reads the token that whoever asks for metrics must show: the one source that is named first must give it.
 *
 * @returns null when none is configured
 * @throws RouterError credential-*, keychain-*
 */
export async function metricsAuthorize(config: MetricsConfig, ports: TokenPorts): Promise<Authorize | null> {
  const { token_secure_key: entry, token_env: variable, token_file: path } = config;
  if (entry === undefined && variable === undefined && path === undefined) return null;
  const found =
    entry !== undefined
      ? await fromStore(entry, 'keychain', ports.secrets)
      : variable !== undefined
        ? await fromEnvironment(variable, ports)
        : await fromFile(path, ports);
  if (found === null)
    throw new RouterError('credential-missing', 'the token that metrics names is not there');
  const { value, inUse } = found;
  if (!TOKEN_SHAPE.test(value))
    throw new RouterError('credential-malformed', `${inUse.source} "${inUse.name}"`);
  ports.mask.add(value);
  // Only the hash is kept; hashes are of one length, so that the time of the comparison says nothing.
  const expected = digest(value);
  return (authorization) => {
    const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(digest(given ?? ''), expected) && given !== undefined;
  };
}
