import { z } from 'zod';
import type { setupCalls } from '../../../shared/ipc/setup-calls';
import type { PayloadSchemas } from './payload-schemas';

/** Far above any real address; the router itself judges the content. */
const MAX_URL_LENGTH = 2048;
const address = z.strictObject({ url: z.string().max(MAX_URL_LENGTH) });

export const setupPayloads: PayloadSchemas<typeof setupCalls> = {
  'setup.look': address,
  'setup.earlier': z.void(),
  'setup.takeOver': z.void(),
  'setup.save': address.extend({ access: z.enum(['sign-in', 'open']) }),
};
