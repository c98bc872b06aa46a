import { Button, Loader } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import { noAuditFilter } from '../../shared/model/audit-filter';
import { emptyDraft, filterOf, isNarrowed, type AuditDraft } from '../audit-draft';
import type { RouterStore } from '../bridge';
import { AuditActions } from '../components/audit-actions';
import { AuditFilters } from '../components/audit-filters';
import { AuditJobCard } from '../components/audit-job';
import { AuditList } from '../components/audit-list';
import { AuditRecord } from '../components/audit-record';
import { AuditSwitch } from '../components/audit-switch';
import { EmptyState } from '../components/empty-state';
import { NoticeCard } from '../components/notice-card';
import { IconFileCheck, IconSearch } from '../icons';
import type { Notice } from '../notices';
import { texts } from '../texts';
import { auditTexts as words } from '../texts/audit';
import { useAuditJob, useAuditProgress } from '../use-audit-job';
import { useAuditLog, type AuditLog } from '../use-audit-log';
import classes from './audit.module.css';
import viewClasses from './view.module.css';

/** How long after the last change of a field the log is searched. */
const SEARCH_AFTER_MS = 250;

interface PageProps {
  readonly status: AppStatus;
  readonly store: RouterStore;
}
type Ready = Extract<AuditLog, { kind: 'ready' }>;

function Unreadable({
  message,
  onRetry,
}: {
  readonly message: string;
  readonly onRetry: () => void;
}): ReactElement {
  const { title, nextStep, retry } = words.unreadable;
  const notice: Notice = {
    id: 'unreadable',
    tone: 'danger',
    title,
    text: message,
    nextStep,
    details: [],
    page: null,
  };
  return (
    <div className={classes['stack']} role="alert">
      <NoticeCard notice={notice} />
      <div>
        <Button variant="default" onClick={onRetry}>
          {retry}
        </Button>
      </div>
    </div>
  );
}

function NotWritable({ status }: { readonly status: AppStatus }): ReactElement | null {
  const found = status.router.degradations.find(({ code }) => code === 'audit-not-writable');
  if (found === undefined) return null;
  const { title, nextStep } = words.notWritable;
  const notice: Notice = {
    id: found.code,
    tone: 'danger',
    title,
    text: found.text,
    nextStep,
    details: [],
    page: null,
  };
  return <NoticeCard notice={notice} />;
}

/** The list, or why it is empty; beside it the chosen record. */
function Records({ log, hint }: { readonly log: Ready; readonly hint: string }): ReactElement {
  const { view, rows } = log;
  const [chosen, setChosen] = useState<{ readonly view: number; readonly position: number } | null>(null);
  const selected = chosen?.view === view.view ? chosen.position : null;
  useSyncExternalStore(rows.subscribe, rows.version);
  useEffect(() => rows.pin(selected), [rows, selected]);
  if (view.matching === 0) {
    const isEmpty = view.total === 0;
    const title = isEmpty ? words.empty.title : words.noMatch.title;
    const Icon = isEmpty ? IconFileCheck : IconSearch;
    return (
      <div className={classes['none']}>
        <EmptyState
          icon={<Icon size={26} stroke={1.5} />}
          title={title}
          text={isEmpty ? words.empty.text : hint}
        />
      </div>
    );
  }
  return (
    <div
      className={classes['split']}
      data-open={selected !== null}
      onKeyDown={({ key }) => {
        if (key === 'Escape') setChosen(null);
      }}
    >
      <AuditList
        key={view.view}
        matching={view.matching}
        rows={rows}
        selected={selected}
        onSelect={(position) => setChosen({ view: view.view, position })}
      />
      {selected !== null && <AuditRecord row={rows.rowAt(selected)} onClose={() => setChosen(null)} />}
    </div>
  );
}

function SumLine({ log: { view } }: { readonly log: Ready }): ReactElement {
  return (
    <p className={classes['sum']}>
      <span role="status">{words.sum(view.matching, view.total)}</span>
      {view.hasOlder && <span>{words.older(view.total)}</span>}
    </p>
  );
}

/** In the place of the sum while it is searched, so that nothing moves. */
function SearchLine({ store, total }: { readonly store: RouterStore; readonly total: number }): ReactElement {
  const progress = useAuditProgress(store, 'look');
  return (
    <p className={classes['sum']}>
      <span role="status">{words.searching}</span>
      {progress !== null && <span>{words.progress(progress.records, total, null)}</span>}
      {progress !== null && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => void store.perform('audit.cancel', { job: 'look' })}
        >
          {words.cancel}
        </Button>
      )}
    </p>
  );
}

/** What is asked for, and what was found. */
function Log({
  log,
  isLooking,
  store,
  draft,
  onDraft,
}: {
  readonly log: Ready;
  readonly isLooking: boolean;
  readonly store: RouterStore;
  readonly draft: AuditDraft;
  readonly onDraft: (draft: AuditDraft) => void;
}): ReactElement {
  const isAboutRequests = draft.topic === 'requests' && !log.view.hasRequests;
  return (
    <>
      <div className={classes['stack']}>
        <AuditFilters
          draft={draft}
          onChange={onDraft}
          found={isLooking ? <SearchLine store={store} total={log.view.total} /> : <SumLine log={log} />}
        />
      </div>
      <Records log={log} hint={isAboutRequests ? words.noMatch.noRequests : words.noMatch.text} />
    </>
  );
}

/** The audit log: what happened, whether it is whole, and a copy of it. */
export function Audit({ status, store }: PageProps): ReactElement {
  const [draft, setDraft] = useState(emptyDraft);
  const [filter, setFilter] = useState(noAuditFilter);
  const { log, isLooking, lookAgain } = useAuditLog(store, filter);
  const job = useAuditJob(store);
  useEffect(() => {
    const timer = setTimeout(
      () => setFilter(isNarrowed(draft) ? filterOf(draft, Date.now()) : noAuditFilter),
      SEARCH_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [draft]);
  const view = log.kind === 'ready' ? log.view : null;
  const hasLog = view !== null && (view.isEnabled || view.total > 0);
  return (
    <div className={`${viewClasses['view']} ${classes['page']}`}>
      <header className={classes['head']}>
        <div className={viewClasses['head']}>
          <h1 className={viewClasses['title']}>{texts.pages.audit}</h1>
          <p className={viewClasses['intro']}>{words.intro}</p>
        </div>
        {hasLog && (
          <AuditActions
            isBusy={job.state.kind === 'running'}
            onCheck={job.check}
            onExport={(format) => job.exportAs(format, filter)}
          />
        )}
      </header>
      <NotWritable status={status} />
      <AuditJobCard store={store} control={job} total={view === null || view.hasOlder ? null : view.total} />
      {log.kind === 'loading' && (
        <div className={classes['none']} role="status">
          <Loader size="sm" aria-hidden />
          <p className={viewClasses['intro']}>{words.loading}</p>
        </div>
      )}
      {log.kind === 'unreadable' && <Unreadable message={log.message} onRetry={lookAgain} />}
      {view !== null && !view.isEnabled && (
        <AuditSwitch
          store={store}
          isConfigured={status.isConfigured}
          hasRecords={view.total > 0}
          onSwitched={lookAgain}
        />
      )}
      {log.kind === 'ready' && hasLog && (
        <Log log={log} isLooking={isLooking} store={store} draft={draft} onDraft={setDraft} />
      )}
    </div>
  );
}
