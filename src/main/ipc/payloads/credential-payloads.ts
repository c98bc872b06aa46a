import type { credentialCalls } from '../../../shared/ipc/credential-calls';
import type { PayloadSchemas } from './payload-schemas';

export const credentialPayloads: PayloadSchemas<typeof credentialCalls> = {};
