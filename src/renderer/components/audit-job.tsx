import { Button, CloseButton, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import type { RouterStore } from '../bridge';
import { auditTexts as words } from '../texts/audit';
import { durationWords } from '../time-words';
import { useAuditProgress, type AuditJobControl } from '../use-audit-job';
import classes from './audit-job.module.css';
import { NoticeCard } from './notice-card';

/** Below this nobody waits long enough to be told. */
const SHOWN_LEFT_FROM_MS = 1000;

/** How far something got, and the way to stop it. */
function JobProgress({
  store,
  job,
  title,
  total,
  onCancel,
}: {
  readonly store: Pick<RouterStore, 'listen'>;
  readonly job: 'verify' | 'export';
  readonly title: string;
  /** Records in all; null when that is not known. */
  readonly total: number | null;
  readonly onCancel: () => void;
}): ReactElement {
  const progress = useAuditProgress(store, job);
  const leftMs = progress?.leftMs ?? null;
  const left = leftMs === null || leftMs < SHOWN_LEFT_FROM_MS ? null : durationWords(leftMs);
  return (
    <section className={classes['job']} aria-label={title}>
      <div className={classes['words']}>
        <span className={classes['title']} role="status">
          {title}
        </span>
        <span className={classes['figures']}>
          {progress === null ? '' : words.progress(progress.records, total, left)}
        </span>
      </div>
      <Progress className={classes['bar']} value={(progress?.share ?? 0) * 100} aria-label={title} />
      <Button size="xs" variant="default" onClick={onCancel}>
        {words.cancel}
      </Button>
    </section>
  );
}

/** Checking or exporting while it runs, and what came of it. */
export function AuditJobCard({
  store,
  control,
  total,
}: {
  readonly store: Pick<RouterStore, 'listen'>;
  readonly control: AuditJobControl;
  readonly total: number | null;
}): ReactElement | null {
  const { state, cancel, dismiss } = control;
  if (state.kind === 'idle') return null;
  if (state.kind === 'running') {
    const title = state.job === 'verify' ? words.checking : words.exporting;
    return <JobProgress store={store} job={state.job} title={title} total={total} onCancel={cancel} />;
  }
  return (
    <div className={classes['told']} role="alert">
      {state.notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
      <CloseButton className={classes['close']} aria-label={words.close} onClick={dismiss} />
    </div>
  );
}
