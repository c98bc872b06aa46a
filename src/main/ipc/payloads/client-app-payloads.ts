import type { clientAppCalls } from '../../../shared/ipc/client-app-calls';
import type { PayloadSchemas } from './payload-schemas';

export const clientAppPayloads: PayloadSchemas<typeof clientAppCalls> = {};
