import type { preferenceCalls } from '../../../shared/ipc/preference-calls';
import type { PayloadSchemas } from './payload-schemas';

export const preferencePayloads: PayloadSchemas<typeof preferenceCalls> = {};
