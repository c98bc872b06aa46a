import type { GatewayConfig } from '../../../../shared/model/config';
import { assertNever } from '../../../../shared/model/errors';

import { openGatewayHttp, openStreamableHttp } from './streamable-http';
import { openTcp } from './tcp';
import type { OpenTransport } from './transport';
import { openWebSocket } from './websocket';

/** Opens the transport that the configuration names, or that the address implies (`gateway.transport: auto`). */
export const openTransport: OpenTransport = (request, handlers) =>
  transportFor(request.gateway)(request, handlers);

/** The way to reach an address. */
function transportFor(gateway: GatewayConfig): OpenTransport {
  switch (gateway.transport) {
    case 'websocket':
      return openWebSocket;
    case 'tcp':
      return openTcp;
    case 'streamable-http':
      return openStreamableHttp;
    case 'gateway-http':
      return openGatewayHttp;
    default:
      return assertNever(gateway.transport);
  }
}
