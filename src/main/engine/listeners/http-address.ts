import { RouterError } from '../../../shared/model/errors';
import { metricsEndpoint } from '../../../shared/model/metrics-endpoint';

import type { HttpServices } from './http/http-front';
import type { HttpListener } from './http/listener';

export type { HttpListener } from './http/listener';

/**
 * Opens `local.http.address`, which must be of this machine alone.
 *
 * @throws RouterError config-invalid, or the system's error when the address cannot be bound
 */
export async function openHttpAddress(services: HttpServices): Promise<HttpListener> {
  const endpoint = metricsEndpoint(services.local().http.address);
  if (endpoint?.isLocal !== true) {
    throw new RouterError('config-invalid', 'local.http.address is no address of this machine alone');
  }
  // Loaded only by who serves it: a client's own engine starts faster without.
  const { listenForClients } = await import('./http/listener');
  return listenForClients(endpoint, services);
}
