import { z } from 'zod';
import { MAX_AUDIT_PAGE, type auditCalls } from '../../../shared/ipc/audit-calls';
import { auditOutcomes, auditTopics, type AuditFilter } from '../../../shared/model/audit-filter';
import type { PayloadSchemas } from './payload-schemas';

/** Longer than anybody searches for. */
const MAX_SEARCH_LENGTH = 200;
/** More than there are kinds of records. */
const MAX_ACTIONS = 100;
const searched = z.string().max(MAX_SEARCH_LENGTH);
/** The times that a date can hold (ECMA-262, 21.4.1.1). */
const MAX_TIME_MS = 8.64e15;
const moment = z.int().min(-MAX_TIME_MS).max(MAX_TIME_MS).nullable();
const viewNumber = z.int().min(1);

const filter: z.ZodType<AuditFilter> = z.strictObject({
  text: searched,
  actions: z.array(z.string().max(MAX_SEARCH_LENGTH)).max(MAX_ACTIONS),
  topic: z.enum([...auditTopics, 'any']),
  outcome: z.enum(auditOutcomes),
  client: searched,
  method: searched,
  requestId: searched,
  from: moment,
  until: moment,
});

export const auditPayloads: PayloadSchemas<typeof auditCalls> = {
  'audit.look': filter,
  'audit.page': z.strictObject({
    view: viewNumber,
    from: z.int().min(0),
    count: z.int().min(1).max(MAX_AUDIT_PAGE),
  }),
  'audit.grown': z.strictObject({ view: viewNumber }),
  'audit.verify': z.void(),
  'audit.export': z.strictObject({ format: z.enum(['jsonl', 'csv']), filter }),
  'audit.cancel': z.strictObject({ job: z.enum(['look', 'verify', 'export']) }),
  'audit.enable': z.void(),
};
