import { RouterError } from '../../../../../shared/model/errors';

import type { Dialect } from './dialect';

/** Where to connect to. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

/**
 * Reads `tcp://`, `tcps://` and `tcp+tls://`.
 *
 * @throws RouterError config-invalid for everything else
 */
export function tcpAddress(text: string, dialect: Dialect): TcpAddress {
  const url = new URL(text);
  const isEncrypted = url.protocol === 'tcps:' || url.protocol === 'tcp+tls:';
  if ((!isEncrypted && url.protocol !== 'tcp:') || url.hostname === '') {
    throw new RouterError('config-invalid', 'gateway.url is not a tcp:// or tcps:// address');
  }
  const { plain, encrypted } = dialect.defaultPort;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isEncrypted ? encrypted : plain) : Number(url.port),
    isEncrypted,
  };
}
