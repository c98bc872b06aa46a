import { Button, Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCallback, useEffect } from 'react';
import type { DetectionReport } from '../../shared/ipc/security-calls';
import type { Alert } from '../../shared/model/alerts';
import { errorTable } from '../../shared/model/errors';
import type { RouterStore } from '../bridge';
import { detectionLines } from '../detection-lines';
import { IconEye } from '../icons';
import { securityTexts } from '../texts/security';
import { durationWords } from '../time-words';
import { useAnswer } from '../use-answer';
import viewClasses from '../views/view.module.css';
import { Card } from './card';
import { Entry, EntryLine, EntryList, type EntryTag } from './entry-list';

const words = securityTexts.detection;

const tagOf = (isAlert: boolean, isOn: boolean): EntryTag => {
  if (isAlert) return { tone: 'danger', text: words.state.alert };
  return isOn ? { tone: 'good', text: words.state.on } : { tone: 'idle', text: words.state.off };
};

function Rules({
  report,
  alerts,
}: {
  readonly report: DetectionReport;
  readonly alerts: readonly Alert[];
}): ReactElement {
  if (report.kind === 'no-config') return <p className={viewClasses['note']}>{words.noConfig}</p>;
  const { settings, isOn } = report;
  const { learning_minutes: minutes, resolve_after_seconds: seconds } = settings;
  return (
    <>
      <p className={viewClasses['note']}>{isOn ? words.text : words.isOff}</p>
      <EntryList label={words.title}>
        {detectionLines(settings, isOn).map((line) => (
          <Entry
            key={line.rule}
            icon={<IconEye size={18} stroke={1.8} />}
            title={line.title}
            tag={tagOf(
              alerts.some(({ rule }) => rule === line.rule),
              line.isOn,
            )}
          >
            <EntryLine>{line.when}</EntryLine>
          </Entry>
        ))}
      </EntryList>
      <p className={viewClasses['note']}>{words.learning(minutes, durationWords(seconds * 1000))}</p>
    </>
  );
}

/** What is watched for, and from when on it is an alert. */
export function DetectionCard({
  store,
  alerts,
  onOpenSettings,
}: {
  readonly store: Pick<RouterStore, 'ask' | 'listen'>;
  readonly alerts: readonly Alert[];
  readonly onOpenSettings: () => void;
}): ReactElement {
  const question = useCallback(() => store.ask('security.detection'), [store]);
  const { answer, askAgain } = useAnswer(question);
  useEffect(
    () =>
      store.listen('events.added', (events) => {
        if (events.some(({ kind }) => kind === 'config-applied')) void askAgain();
      }),
    [store, askAgain],
  );
  return (
    <Card
      title={words.title}
      aside={
        <Button size="xs" variant="default" onClick={onOpenSettings}>
          {words.settings}
        </Button>
      }
    >
      {answer.kind === 'loading' && <Skeleton height={160} role="status" aria-label={words.loading} />}
      {answer.kind === 'failed' && (
        <p className={viewClasses['note']} role="alert">
          {`${words.failed}: ${errorTable[answer.code].text}`}
        </p>
      )}
      {answer.kind === 'ready' && <Rules report={answer.value} alerts={alerts} />}
    </Card>
  );
}
