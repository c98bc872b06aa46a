import type { TrafficReport } from '../model/traffic';
import { query } from './call';

/** How much passes through the router right now. */
export const trafficCalls = {
  'traffic.get': query<void, TrafficReport>(),
} as const;
