import { z } from 'zod';
import type { securityCalls } from '../../../shared/ipc/security-calls';
import type { PayloadSchemas } from './payload-schemas';

/** Nothing is named by the page: neither a file nor what is to be done with it. */
export const securityPayloads: PayloadSchemas<typeof securityCalls> = {
  'security.detection': z.void(),
  'security.offer-privacy': z.void(),
  'security.make-private': z.void(),
  'incident.export': z.void(),
};
