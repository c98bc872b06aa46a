import type { auditCalls } from '../../../shared/ipc/audit-calls';
import type { PayloadSchemas } from './payload-schemas';

export const auditPayloads: PayloadSchemas<typeof auditCalls> = {};
