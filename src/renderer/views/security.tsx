import { Button, Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCallback, useEffect, useState } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import { assertNever, errorTable } from '../../shared/model/errors';
import type { Page } from '../../shared/model/page';
import type { PostureReport } from '../../shared/model/posture';
import type { PostureStep } from '../../shared/model/posture-step';
import { alertNotice } from '../alert-notice';
import type { RouterStore } from '../bridge';
import { Card } from '../components/card';
import { DetectionCard } from '../components/detection-card';
import { EmptyState } from '../components/empty-state';
import { IncidentCard } from '../components/incident-card';
import { LockedCard } from '../components/locked-card';
import { NoticeCard } from '../components/notice-card';
import { PostureList } from '../components/posture-list';
import { PostureSummary } from '../components/posture-summary';
import { PrivacyDialog } from '../components/privacy-dialog';
import { Refusal } from '../components/refusal';
import { IconShieldLock } from '../icons';
import { failureNotice, type Notice } from '../notices';
import { texts } from '../texts';
import { securityTexts } from '../texts/security';
import { useAnswer, type Answer } from '../use-answer';
import classes from './view.module.css';

const words = securityTexts.checklist;
type OpenPage = (page: Page, search?: string) => void;

/** A report, and when it was made; epoch milliseconds. */
interface Look {
  readonly report: PostureReport;
  readonly at: number;
}

function LookFailed({ code }: { readonly code: keyof typeof errorTable }): ReactElement {
  const { text, nextStep } = errorTable[code];
  return (
    <Refusal
      notice={{ id: code, tone: 'danger', title: words.failed, text, nextStep, details: [], page: null }}
    />
  );
}

function Report({
  answer,
  onStep,
  onOpen,
}: {
  readonly answer: Answer<Look>;
  readonly onStep: (step: PostureStep) => void;
  readonly onOpen: OpenPage;
}): ReactElement {
  if (answer.kind === 'loading') return <Skeleton height={220} role="status" aria-label={words.loading} />;
  if (answer.kind === 'failed') return <LookFailed code={answer.code} />;
  const { report, at } = answer.value;
  if (report.kind === 'no-config') {
    return (
      <div className={classes['none']}>
        <EmptyState
          icon={<IconShieldLock size={26} stroke={1.5} />}
          title={words.noConfig}
          text={[words.noConfigText, ...report.problems].join(' ')}
        />
        <Button variant="default" onClick={() => onOpen('connection')}>
          {words.openConnection}
        </Button>
      </div>
    );
  }
  return (
    <>
      <PostureSummary points={report.points} lookedAt={at} />
      <PostureList points={report.points} onStep={onStep} />
    </>
  );
}

/** The checklist, asked for when the page opens, when other settings are used, and by the way that is handed back. */
function useChecklist(store: RouterStore): {
  readonly answer: Answer<Look>;
  readonly isLooking: boolean;
  readonly lookAgain: () => Promise<void>;
} {
  const question = useCallback(
    async (): Promise<Look> => ({ report: await store.ask('posture.get'), at: Date.now() }),
    [store],
  );
  const { answer, askAgain } = useAnswer(question);
  const [isLooking, setLooking] = useState(false);
  const lookAgain = useCallback(async (): Promise<void> => {
    setLooking(true);
    await askAgain();
    setLooking(false);
  }, [askAgain]);
  useEffect(
    () =>
      store.listen('events.added', (events) => {
        if (events.some(({ kind }) => kind === 'config-applied')) void lookAgain();
      }),
    [store, lookAgain],
  );
  return { answer, isLooking, lookAgain };
}

function Checklist({
  store,
  onOpen,
}: {
  readonly store: RouterStore;
  readonly onOpen: OpenPage;
}): ReactElement {
  const { answer, isLooking, lookAgain } = useChecklist(store);
  const [isMakingPrivate, setMakingPrivate] = useState(false);
  const [failure, setFailure] = useState<Notice | null>(null);
  const take = async (step: PostureStep): Promise<void> => {
    setFailure(null);
    switch (step.kind) {
      case 'open-settings':
        onOpen('settings', step.search);
        return;
      case 'open-credentials':
        onOpen('credentials');
        return;
      case 'make-private':
        setMakingPrivate(true);
        return;
      case 'switch-on-audit': {
        const result = await store.perform('audit.enable');
        if (!result.ok) setFailure(failureNotice(result));
        await lookAgain();
        return;
      }
      default:
        return assertNever(step);
    }
  };
  const aside = (
    <Button size="xs" variant="default" loading={isLooking} onClick={() => void lookAgain()}>
      {words.lookAgain}
    </Button>
  );
  return (
    <Card title={words.title} aside={aside}>
      {failure !== null && <Refusal notice={failure} />}
      <Report answer={answer} onStep={(step) => void take(step)} onOpen={onOpen} />
      {isMakingPrivate && (
        <PrivacyDialog
          store={store}
          onDone={() => {
            setMakingPrivate(false);
            void lookAgain();
          }}
          onClose={() => setMakingPrivate(false)}
        />
      )}
    </Card>
  );
}

/** How this machine stands, what is watched for, and what to do when something is wrong. */
export function Security({
  status,
  store,
  onOpen,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
  readonly onOpen: OpenPage;
}): ReactElement {
  const { lockdown, alerts } = status.router;
  const [wasLocked, setWasLocked] = useState(lockdown !== null);
  if (lockdown === null && wasLocked) setWasLocked(false);
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.security}</h1>
        <p className={classes['intro']}>{securityTexts.intro}</p>
      </header>
      {lockdown !== null && <LockedCard lockdown={lockdown} isNew={!wasLocked} store={store} />}
      {alerts.map((alert) => (
        <NoticeCard key={alert.rule} notice={{ ...alertNotice(alert), page: 'activity' }} onOpen={onOpen} />
      ))}
      <Checklist store={store} onOpen={onOpen} />
      <IncidentCard isLocked={lockdown !== null} isDemo={status.isDemo} store={store} onOpen={onOpen} />
      <DetectionCard
        store={store}
        alerts={alerts}
        onOpenSettings={() => onOpen('settings', 'security.detection')}
      />
    </div>
  );
}
