import { Button, Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCallback, useEffect } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { CredentialsReport } from '../../shared/model/credential-views';
import type { Page } from '../../shared/model/page';
import type { RouterStore } from '../bridge';
import { CredentialCard } from '../components/credential-card';
import { EmptyState } from '../components/empty-state';
import { NoticeCard } from '../components/notice-card';
import { SignInCard } from '../components/sign-in-card';
import { IconKey } from '../icons';
import { noticesOf, type Notice, unansweredNotice } from '../notices';
import { texts } from '../texts';
import { credentialsTexts as words } from '../texts/credentials';
import { useAnswer } from '../use-answer';
import classes from './view.module.css';

/** What is said of the router elsewhere and has to do with credentials. */
const OF_CREDENTIALS: ReadonlySet<string> = new Set([
  'cause-auth-failed',
  'cause-sign-in-needed',
  'credential-rolled-back',
  'credential-unusable',
  'keychain-locked',
  'keychain-unavailable',
]);

/** The person is where these are solved. */
const noticesHere = (status: AppStatus): readonly Notice[] =>
  noticesOf(status)
    .filter(({ id }) => OF_CREDENTIALS.has(id))
    .map((notice) => (notice.id.startsWith('cause-') ? { ...notice, nextStep: '', details: [] } : notice));

function Report({
  report,
  store,
  onChanged,
  onOpen,
}: {
  readonly report: CredentialsReport;
  readonly store: RouterStore;
  readonly onChanged: () => Promise<void>;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  if (report.kind === 'no-config') {
    return (
      <>
        <EmptyState
          icon={<IconKey size={28} stroke={1.5} />}
          title={words.noConfig}
          text={[words.noConfigText, ...report.problems].join(' ')}
        />
        <Button variant="default" onClick={() => onOpen('connection')}>
          {words.actions.openConnection}
        </Button>
      </>
    );
  }
  const { credentials, signIn, rotationDays } = report;
  return (
    <>
      {signIn !== null && <SignInCard view={signIn} store={store} onChanged={onChanged} />}
      {credentials.map((view) => (
        <CredentialCard
          key={view.id}
          view={view}
          rotationDays={rotationDays}
          store={store}
          onChanged={onChanged}
          onOpen={onOpen}
        />
      ))}
      {signIn === null && credentials.length === 0 && (
        <EmptyState icon={<IconKey size={28} stroke={1.5} />} title={words.none} text={words.noneText} />
      )}
    </>
  );
}

/** What the router signs in with, and the ways to change it. */
export function Credentials({
  status,
  store,
  onOpen,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const question = useCallback(() => store.ask('credentials.list'), [store]);
  const { answer, askAgain } = useAnswer(question);
  useEffect(
    () =>
      store.listen('events.added', (events) => {
        const isOurs = events.some(({ kind }) => kind.startsWith('credential-') || kind === 'config-applied');
        if (isOurs) void askAgain();
      }),
    [store, askAgain],
  );
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.credentials}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      {noticesHere(status).map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
      {answer.kind === 'loading' && <Skeleton height={220} role="status" aria-label={words.loading} />}
      {answer.kind === 'failed' && <NoticeCard notice={unansweredNotice(words.failed, answer.code)} />}
      {answer.kind === 'ready' && (
        <Report report={answer.value} store={store} onChanged={askAgain} onOpen={onOpen} />
      )}
    </div>
  );
}
