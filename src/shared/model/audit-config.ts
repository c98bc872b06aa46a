import { z } from 'zod';

import { byteCount, count, MIB, reference } from './setting-values';

/** `logging.audit` (guide: Audit Logging). */
export const auditSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** Attempts to sign in at the gateway, and which credential was used for which connection. */
  include_auth: z.boolean().default(true),
  /** One record for each request: method, tool, id, outcome and duration; never what is in it. */
  include_requests: z.boolean().default(false),
  /** The file; unset: `audit/audit.log` in this user's state folder, or below /var/log/mcp where there is no home folder. */
  output: reference.optional(),
  /** A larger file is put aside under a number, and the chain goes on in a new one. */
  max_file_bytes: byteCount(64 * MIB),
  /** How many such files are kept; what is removed is recorded. */
  max_files: count(30),
});

/** The audit trail as configured. */
export type AuditConfig = z.infer<typeof auditSchema>;
