import { useCallback, useEffect, useState } from 'react';
import type { AuditExport, AuditFormat, AuditJobProgress, AuditVerdict } from '../shared/ipc/audit-calls';
import type { AuditFilter } from '../shared/model/audit-filter';
import { errorTable } from '../shared/model/errors';
import { verdictNotices } from './audit-verdict';
import { codeOf, type RouterStore } from './bridge';
import type { Notice } from './notices';
import { auditTexts as words } from './texts/audit';

/** What the page is busy with besides showing records, or what came of it. */
export type AuditJobState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly job: 'verify' | 'export' }
  | { readonly kind: 'told'; readonly notices: readonly Notice[] };

/** Checking and exporting, one at a time. */
export interface AuditJobControl {
  readonly state: AuditJobState;
  check(): void;
  exportAs(format: AuditFormat, filter: AuditFilter): void;
  cancel(): void;
  dismiss(): void;
}

const notice = (fields: Partial<Notice> & Pick<Notice, 'id' | 'tone' | 'title'>): Notice => ({
  text: '',
  nextStep: '',
  details: [],
  page: null,
  ...fields,
});

function told(verdict: AuditVerdict): AuditJobState {
  switch (verdict.kind) {
    case 'checked':
      return { kind: 'told', notices: verdictNotices(verdict) };
    case 'cancelled':
      return { kind: 'told', notices: [notice({ id: 'cancelled', tone: 'info', title: words.cancelled })] };
    case 'unreadable': {
      const { message } = verdict;
      return {
        kind: 'told',
        notices: [notice({ id: 'failed', tone: 'danger', title: words.verifyFailed, text: message })],
      };
    }
  }
}

function toldExport(result: AuditExport): AuditJobState {
  switch (result.kind) {
    case 'cancelled':
      return { kind: 'idle' };
    case 'failed': {
      const failure = notice({
        id: 'export',
        tone: 'danger',
        title: words.exportFailed,
        text: result.message,
      });
      return { kind: 'told', notices: [failure] };
    }
    case 'written': {
      const { path, records, leftOut } = result;
      const written = notice({
        id: 'export',
        tone: leftOut === 0 ? 'good' : 'warning',
        title: words.exported(records),
        text: words.exportedTo(path),
        nextStep: leftOut === 0 ? '' : words.leftOut(leftOut),
      });
      return { kind: 'told', notices: [written] };
    }
  }
}

function failed(title: string, error: unknown): AuditJobState {
  const { text, nextStep } = errorTable[codeOf(error)];
  return { kind: 'told', notices: [notice({ id: 'failed', tone: 'danger', title, text, nextStep })] };
}

/** Checking and exporting the log. */
export function useAuditJob(store: Pick<RouterStore, 'ask' | 'perform'>): AuditJobControl {
  const [state, setState] = useState<AuditJobState>({ kind: 'idle' });
  const check = (): void => {
    setState({ kind: 'running', job: 'verify' });
    void store.ask('audit.verify').then(
      (verdict) => setState(told(verdict)),
      (error: unknown) => setState(failed(words.verifyFailed, error)),
    );
  };
  const exportAs = (format: AuditFormat, filter: AuditFilter): void => {
    setState({ kind: 'running', job: 'export' });
    void store.ask('audit.export', { format, filter }).then(
      (result) => setState(toldExport(result)),
      (error: unknown) => setState(failed(words.exportFailed, error)),
    );
  };
  const cancel = (): void => {
    if (state.kind === 'running') void store.perform('audit.cancel', { job: state.job });
  };
  const dismiss = useCallback(() => setState({ kind: 'idle' }), []);
  return { state, check, exportAs, cancel, dismiss };
}

/** How far that job got; null before it says so. */
export function useAuditProgress(
  store: Pick<RouterStore, 'listen'>,
  job: AuditJobProgress['job'] | null,
): AuditJobProgress | null {
  const [progress, setProgress] = useState<AuditJobProgress | null>(null);
  useEffect(() => {
    if (job === null) return;
    return store.listen('audit.progress', (told) => {
      if (told.job === job) setProgress(told);
    });
  }, [store, job]);
  return job !== null && progress?.job === job ? progress : null;
}
