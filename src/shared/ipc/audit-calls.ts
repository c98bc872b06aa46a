/** The audit log: reading, checking and exporting it. */
export const auditCalls = {} as const;
