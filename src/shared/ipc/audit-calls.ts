import type { AuditProblemKind } from '../model/audit-problem';
import type { AuditFilter } from '../model/audit-filter';
import { command, event, query, type CommandResult } from './call';

/** No answer holds more records than this. */
export const MAX_AUDIT_PAGE = 200;

/** A value in a record. */
export type AuditRecordValue = string | number | boolean | null;

/** One record as the window shows it. */
export interface AuditRecordView {
  /** ISO 8601. */
  readonly time: string;
  /** Which process wrote it: a chain has one writer at a time. */
  readonly chain: string;
  readonly seq: number;
  readonly action: string;
  readonly outcome: string;
  /** The code of the errors table, where one says why. */
  readonly code: string | null;
  readonly actor: Readonly<Record<string, AuditRecordValue>>;
  readonly facts: Readonly<Record<string, AuditRecordValue>>;
}

/** One line of the log. */
export type AuditRow =
  | { readonly kind: 'record'; readonly record: AuditRecordView }
  /** A line that is not as it was written. */
  | { readonly kind: 'changed'; readonly file: string }
  /** It was there when the log was looked at; its file is not any more. */
  | { readonly kind: 'gone' };

/** The log as it is seen through one filter. Its rows are counted from the oldest, so that none moves when others are added. */
export interface AuditView {
  readonly kind: 'ready';
  /** Names this look; an older one is answered no more. */
  readonly view: number;
  readonly path: string;
  /** Records are being written now, as the configuration says. */
  readonly isEnabled: boolean;
  /** Requests are recorded as well. */
  readonly hasRequests: boolean;
  /** Records that can be shown, filtered or not. */
  readonly total: number;
  /** Of these, how many the filter lets through. */
  readonly matching: number;
  /** There are older ones, which checking and exporting cover as well. */
  readonly hasOlder: boolean;
}

/** What became of looking. */
export type AuditLook =
  | AuditView
  /** There is no valid configuration, or the files cannot be read. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** Somebody looked anew meanwhile, or cancelled. */
  | { readonly kind: 'ended' };

/** What came since; `renumbered` when everything has to be looked at again. */
export type AuditGrowth =
  | { readonly kind: 'grown'; readonly total: number; readonly matching: number }
  | { readonly kind: 'renumbered' };

/** The rows asked for, the oldest first. */
export type AuditPage =
  { readonly kind: 'rows'; readonly rows: readonly AuditRow[] } | { readonly kind: 'renumbered' };

/** What checking one chain proved. */
export interface AuditChainVerdict {
  readonly path: string;
  readonly records: number;
  readonly from: number;
  readonly to: number;
  readonly lastTime: string | null;
  /** Nothing up to here was changed or cut off; null when that cannot be proven. */
  readonly sealedTo: number | null;
  readonly sealedAt: string | null;
  readonly whyUnsealed: string | null;
  readonly problem: {
    readonly kind: AuditProblemKind;
    readonly record: number | null;
    readonly text: string;
  } | null;
  readonly badLine: { readonly file: string; readonly line: number } | null;
  readonly remarks: readonly string[];
}

/** What checking the log came to. */
export type AuditVerdict =
  | { readonly kind: 'checked'; readonly at: number; readonly chains: readonly AuditChainVerdict[] }
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'cancelled' };

/** The file formats of the export. */
export type AuditFormat = 'jsonl' | 'csv';

/** What exporting came to. The path was chosen by the person in the system's own dialog. */
export type AuditExport =
  | { readonly kind: 'written'; readonly path: string; readonly records: number; readonly leftOut: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

/** What can take a while. */
export type AuditJob = 'look' | 'verify' | 'export';

/** How far a job got. */
export interface AuditJobProgress {
  readonly job: AuditJob;
  readonly records: number;
  /** 0 to 1. */
  readonly share: number;
  /** Null while nothing can be said. */
  readonly leftMs: number | null;
}

/** The audit log: reading, checking and exporting it. */
export const auditCalls = {
  'audit.look': query<AuditFilter, AuditLook>(),
  'audit.page': query<{ readonly view: number; readonly from: number; readonly count: number }, AuditPage>(),
  'audit.grown': query<{ readonly view: number }, AuditGrowth>(),
  'audit.verify': command<void, AuditVerdict>(),
  'audit.export': command<{ readonly format: AuditFormat; readonly filter: AuditFilter }, AuditExport>(),
  'audit.cancel': command<{ readonly job: AuditJob }, CommandResult>(),
  'audit.enable': command<void, CommandResult>(),
  'audit.progress': event<AuditJobProgress>(),
} as const;
