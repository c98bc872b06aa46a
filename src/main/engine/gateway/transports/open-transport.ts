import type { GatewayConfig } from '../../../../shared/model/config';
import { assertNever } from '../../../../shared/model/errors';

import { openGatewayHttp, openStreamableHttp } from './streamable-http';
import type { OpenTransport } from './transport';
import { openWebSocket } from './websocket';

/** Opens the transport that the configuration names, or that the address implies (`gateway.transport: auto`). */
export const openTransport: OpenTransport = (request, handlers) =>
  transportFor(request.gateway)(request, handlers);

/** The way to reach an address. */
function transportFor({ transport, url }: GatewayConfig): OpenTransport {
  switch (transport) {
    case 'auto':
      return /^https?:/i.test(url) ? openStreamableHttp : openWebSocket;
    case 'websocket':
      return openWebSocket;
    case 'streamable-http':
      return openStreamableHttp;
    case 'gateway-http':
      return openGatewayHttp;
    default:
      return assertNever(transport);
  }
}
