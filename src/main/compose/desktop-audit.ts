import type {
  AuditExport,
  AuditFormat,
  AuditLook,
  auditCalls,
  AuditVerdict,
} from '../../shared/ipc/audit-calls';
import type { CommandResult, HandlersOf } from '../../shared/ipc/call';
import { auditChoice } from '../../shared/model/audit-choice';
import type { AuditFilter } from '../../shared/model/audit-filter';
import { saveAuditLog } from '../platform/connection-edit';
import { errorCode, systemReason } from '../platform/guarded-file';
import type { Machine, MachineFacts } from '../platform/machine';

import { exportToFile } from './audit-file-export';
import { AuditJobs } from './audit-jobs';
import { auditMachine, AuditUnreadable, type AuditProgress } from './audit-machine';
import { AuditViews } from './audit-views';
import { problemLines } from './problem-lines';

/** What the person is asked in the system's own dialog. */
export interface SaveQuestion {
  readonly title: string;
  /** The name of the file that is offered. */
  readonly name: string;
}

/** Asks where to save; null when the person changed their mind. The page never names a path. */
export type ChooseSavePath = (question: SaveQuestion) => Promise<string | null>;

/** What the page of the audit log stands on. */
export interface DesktopAuditParts {
  readonly machine: Machine;
  readonly facts: MachineFacts;
  readonly announce: ConstructorParameters<typeof AuditJobs>[0];
  readonly chooseSavePath: ChooseSavePath;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

type Unreadable = Extract<AuditLook, { kind: 'unreadable' }>;
type Audit = HandlersOf<typeof auditCalls>;
type Found = { readonly kind: 'found'; readonly path: string } & Pick<
  Extract<AuditLook, { kind: 'ready' }>,
  'isEnabled' | 'hasRequests'
>;

const unreadable = (message: string): Unreadable => ({ kind: 'unreadable', message });
const RENUMBERED = { kind: 'renumbered' } as const;
const DONE: CommandResult = { ok: true };

/** What stands behind the page of the audit log. */
export function desktopAudit(parts: DesktopAuditParts): Audit {
  const { machine, facts, chooseSavePath, now } = parts;
  const jobs = new AuditJobs(parts.announce, now);
  const views = new AuditViews(facts.platform);
  const audit = auditMachine(machine);
  const exported = async (format: AuditFormat, filter: AuditFilter): Promise<AuditExport> => {
    const found = await findLog(machine);
    if (found.kind === 'unreadable') return { kind: 'failed', message: found.message };
    const day = new Date(now()).toISOString().slice(0, 10);
    const name = `mcp-router-audit-${day}.${format}`;
    const target = await chooseSavePath({ title: 'Export the audit log', name });
    if (target === null) return { kind: 'cancelled' };
    const request = { log: found.path, target, format, filter };
    const done = await readable(() => jobs.run('export', (job) => exportToFile(request, audit, job)));
    if (done?.kind === 'unreadable') return { kind: 'failed', message: done.message };
    return done ?? { kind: 'cancelled' };
  };
  return {
    'audit.look': async (filter) => {
      const look = await readable(() =>
        jobs.run('look', async (job): Promise<AuditLook> => {
          const found = await findLog(machine);
          if (found.kind === 'unreadable') return found;
          const { path, isEnabled, hasRequests } = found;
          return { kind: 'ready', path, isEnabled, hasRequests, ...(await views.look(path, filter, job)) };
        }),
      );
      return look ?? { kind: 'ended' };
    },
    // What cannot be read is said by looking anew.
    'audit.page': async ({ view, from, count }) => {
      const page = await readable(() => views.page(view, from, count));
      return page.kind === 'unreadable' ? RENUMBERED : page;
    },
    'audit.grown': async ({ view }) => {
      const growth = await readable(() => views.grown(view));
      return growth.kind === 'unreadable' ? RENUMBERED : growth;
    },
    'audit.verify': async () => {
      const verdict = await readable(() =>
        jobs.run('verify', async ({ signal, tell }): Promise<AuditVerdict> => {
          const found = await findLog(machine);
          if (found.kind === 'unreadable') return found;
          const share = ({ bytes, totalBytes }: AuditProgress): number =>
            totalBytes === 0 ? 1 : bytes / totalBytes;
          const onProgress = (progress: AuditProgress): void => tell(progress.records, share(progress));
          const chains = await audit.check(found.path, onProgress, signal);
          return { kind: 'checked', at: now(), chains };
        }),
      );
      return verdict ?? { kind: 'cancelled' };
    },
    'audit.export': ({ format, filter }) => exported(format, filter),
    'audit.cancel': ({ job }) => {
      jobs.cancel(job);
      return Promise.resolve(DONE);
    },
    'audit.enable': () => enable(parts),
  };
}

async function findLog(machine: Machine): Promise<Found | Unreadable> {
  const loaded = await machine.loadConfig();
  if (loaded.kind !== 'valid' && loaded.kind !== 'absent') return unreadable(problemLines(loaded).join(' '));
  const location = await auditMachine(machine).locate(undefined, undefined);
  if (location.kind === 'refused') return unreadable(location.message);
  const choice = loaded.kind === 'valid' ? auditChoice(loaded.config) : null;
  const { path } = location;
  return {
    kind: 'found',
    path,
    isEnabled: choice?.enabled ?? false,
    hasRequests: choice?.requests ?? false,
  };
}

/** What the system says of the files of the log becomes an answer. */
async function readable<Value>(act: () => Promise<Value>): Promise<Value | Unreadable> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AuditUnreadable) return unreadable(error.message);
    if (errorCode(error) === '') throw error;
    return unreadable(`The audit log cannot be read: ${systemReason(error)}.`);
  }
}

/** Writes the setting; whoever calls this has the file read again. */
async function enable({ machine, facts }: DesktopAuditParts): Promise<CommandResult> {
  const loaded = await machine.loadConfig();
  if (loaded.kind !== 'valid' || loaded.path === null)
    return refusal(loaded.kind === 'valid' ? NO_FILE : problemLines(loaded).join(' '));
  const { place } = machine;
  const load = { place, cwd: facts.cwd, uid: facts.uid };
  const saved = await saveAuditLog({ path: loaded.path, load });
  if (saved.kind === 'refused') return { ok: false, code: saved.code, message: saved.message };
  const after = await machine.loadConfig();
  const isOn = after.kind === 'valid' && auditChoice(after.config).enabled;
  return isOn ? DONE : refusal(OVERRIDDEN);
}

const refusal = (message: string): CommandResult => ({ ok: false, code: 'config-invalid', message });
const NO_FILE = 'There is no configuration file to write it into; the settings come from the environment.';
const OVERRIDDEN =
  'The file says so now, but the environment variable MCP_LOGGING_AUDIT_ENABLED says otherwise. Remove it, and start MCP Router again.';
