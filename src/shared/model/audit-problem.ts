/** What is wrong with a record of an audit log, or with what should be there. */
export type AuditProblemKind =
  | 'unreadable'
  | 'changed'
  | 'missing'
  | 'repeated'
  | 'not-chained'
  | 'not-sealed-one'
  | 'gap'
  | 'head-missing'
  | 'head-changed';
