import type { RouterConfig } from '../../shared/model/config';
import type { GatewayLook } from '../../shared/model/gateway-look';

import { lookAtGateway as look } from './gateway/look';
import { openTransport } from './gateway/transports/open-transport';
import type { EnginePorts } from './ports';

/** One look at `gateway.url`, without a credential; it needs no running engine. */
export const lookAtGateway = (
  ports: EnginePorts,
  config: RouterConfig,
  signal: AbortSignal,
): Promise<GatewayLook> => look({ ports, config, open: openTransport }, signal);
