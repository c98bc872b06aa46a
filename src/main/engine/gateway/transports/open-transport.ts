import type { GatewayConfig } from '../../../../shared/model/config';
import { assertNever } from '../../../../shared/model/errors';

import type { OpenTransport } from './transport';

/** Opens the transport that the configuration names, or that the address implies (`gateway.transport: auto`). */
export const openTransport: OpenTransport = async (request, handlers) => {
  const open = await transportFor(request.gateway);
  request.signal.throwIfAborted();
  return open(request, handlers);
};

/** The way to reach an address. Each is loaded when it is needed: at the start of a bridge the others only cost time. */
async function transportFor(gateway: GatewayConfig): Promise<OpenTransport> {
  switch (gateway.transport) {
    case 'websocket':
      return (await import('./websocket')).openWebSocket;
    case 'tcp':
      return (await import('./tcp')).openTcp;
    case 'streamable-http':
      return (await import('./streamable-http')).openStreamableHttp;
    case 'gateway-http':
      return (await import('./streamable-http')).openGatewayHttp;
    default:
      return assertNever(gateway.transport);
  }
}
