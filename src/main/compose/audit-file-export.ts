import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

import type { AuditExport, AuditFormat } from '../../shared/ipc/audit-calls';
import type { AuditFilter } from '../../shared/model/audit-filter';
import { errorCode, systemReason } from '../platform/guarded-file';

import { CSV_HEAD, rendered } from './audit-format';
import type { RunningJob } from './audit-jobs';
import type { AuditMachine } from './audit-machine';
import { auditMatch } from './audit-search';

/** For this user alone, as the log itself is. */
const PRIVATE_FILE = 0o600;

/** What is written where. */
export interface FileExport {
  /** The audit log. */
  readonly log: string;
  /** What stands there is replaced: the person was asked by the dialog. */
  readonly target: string;
  readonly format: AuditFormat;
  readonly filter: AuditFilter;
}

/**
 * Writes what the filter lets through, the oldest first, in bounded memory. The file appears when it is whole; before that it
 * has another name. Throws AuditUnreadable, and the reason of the signal.
 */
export async function exportToFile(
  { log, target, format, filter }: FileExport,
  machine: AuditMachine,
  job: RunningJob,
): Promise<AuditExport> {
  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  const totalBytes = await machine.totalBytes(log);
  const match = auditMatch(filter);
  const sum = { records: 0, leftOut: 0, seen: 0, bytes: 0 };
  try {
    const file = await open(part, 'wx', PRIVATE_FILE);
    try {
      if (format === 'csv') await file.write(CSV_HEAD);
      for await (const lines of machine.all(log)) {
        job.signal.throwIfAborted();
        let text = '';
        for (const line of lines) {
          sum.seen += 1;
          sum.bytes += line.text.length + 1;
          const time = line.record === null ? Number.NaN : Date.parse(line.record.time);
          if (match !== null && !match(line.text, time)) continue;
          if (line.record === null) sum.leftOut += 1;
          else {
            sum.records += 1;
            text += rendered(line, format);
          }
        }
        if (text !== '') await file.write(text);
        job.tell(sum.seen, totalBytes === 0 ? 1 : sum.bytes / totalBytes);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    if (errorCode(error) === '') throw error;
    return { kind: 'failed', message: `${target} cannot be written: ${systemReason(error)}` };
  }
  return { kind: 'written', path: target, records: sum.records, leftOut: sum.leftOut };
}
