import type { GatewayConfig } from '../../../../shared/model/config';

import type { OpenTransport } from './transport';
import { openWebSocket } from './websocket';

/** Opens the transport that the configuration names, or that the address implies (`gateway.transport: auto`). */
export const openTransport: OpenTransport = (request, handlers) =>
  transportFor(request.gateway)(request, handlers);

/** The way to reach an address. */
function transportFor(_gateway: GatewayConfig): OpenTransport {
  return openWebSocket;
}
