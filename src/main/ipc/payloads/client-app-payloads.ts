import { z } from 'zod';
import type { clientAppCalls } from '../../../shared/ipc/client-app-calls';
import { clientActions, clientIds } from '../../../shared/model/client-apps';
import type { PayloadSchemas } from './payload-schemas';

/** Above what is accepted as a name, so that a name that is too long gets an answer in words. */
const MAX_NAME_LENGTH = 200;
/** A UUID. */
const TICKET_LENGTH = 36;

const name = z.string().max(MAX_NAME_LENGTH);

export const clientAppPayloads: PayloadSchemas<typeof clientAppCalls> = {
  'client-apps.list': z.void(),
  'client-apps.preview': z.strictObject({
    action: z.enum(clientActions),
    id: z.enum(clientIds),
    name: name.exactOptional(),
    mayReplace: z.boolean().exactOptional(),
  }),
  'client-apps.apply': z.strictObject({ ticket: z.string().length(TICKET_LENGTH) }),
  'client-tokens.list': z.void(),
  'client-tokens.add': z.strictObject({ name }),
  'client-tokens.revoke': z.strictObject({ name }),
};
