import type { GatewayConfig } from '../../../shared/model/config';

/**
 * How long to wait before the next try, in milliseconds (gateway-protocol 6.1, with jitter).
 *
 * @param failures consecutive failures so far, at least 1
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(
  failures: number,
  reconnect: GatewayConfig['connection']['reconnect'],
  random: number,
): number {
  const grown = reconnect.initial_delay_ms * reconnect.multiplier ** Math.max(0, failures - 1);
  const capped = Math.min(grown, reconnect.max_delay_ms);
  return Math.round(capped * (1 + reconnect.jitter * (2 * random - 1)));
}
