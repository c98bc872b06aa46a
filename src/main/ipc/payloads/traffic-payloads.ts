import { z } from 'zod';
import type { trafficCalls } from '../../../shared/ipc/traffic-calls';
import type { PayloadSchemas } from './payload-schemas';

export const trafficPayloads: PayloadSchemas<typeof trafficCalls> = { 'traffic.get': z.void() };
