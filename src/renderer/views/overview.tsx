import type { ReactElement } from 'react';
import { useState } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { Page } from '../../shared/model/page';
import { setup } from '../../shared/model/switch-action';
import type { SwitchAction } from '../../shared/model/switch-action';
import type { RouterStore } from '../bridge';
import { ClientSummary } from '../components/client-summary';
import { EarlierCard } from '../components/earlier-card';
import { ConnectionFacts } from '../components/connection-facts';
import { NoticeCard } from '../components/notice-card';
import { StatusCard } from '../components/status-card';
import { TrafficCard } from '../components/traffic-card';
import type { Notice } from '../notices';
import { failureNotice, noticesOf } from '../notices';
import { useNow } from '../use-now';
import classes from './view.module.css';

const FACTS_TICK_MS = 60_000;

type Commands = Pick<RouterStore, 'connect' | 'disconnect' | 'ask' | 'perform'>;

/** What an earlier router left helps where there is no token, or where the file holds one that must not stand there. */
const mayHaveEarlier = (status: AppStatus): boolean =>
  !status.isDemo &&
  (status.router.cause?.code === 'credential-missing' ||
    status.configProblems.some(({ severity, path }) => severity === 'error' && path.endsWith('auth.token')));

/** What is going on, why, and what to do about it. */
export function Overview({
  status,
  store,
  onOpen,
}: {
  readonly status: AppStatus;
  readonly store: Commands;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const [busy, setBusy] = useState<SwitchAction | null>(null);
  const [failure, setFailure] = useState<Notice | null>(null);
  const now = useNow(FACTS_TICK_MS);

  const isSetUp = setup(status) === 'done';

  const act = async (action: SwitchAction): Promise<void> => {
    if (action === 'set-up') {
      onOpen('connection');
      return;
    }
    setBusy(action);
    const result = await (action === 'disconnect' ? store.disconnect() : store.connect());
    setBusy(null);
    setFailure(result.ok ? null : failureNotice(result));
  };

  return (
    <div className={classes['view']} data-is-empty={!isSetUp}>
      <StatusCard status={status} busy={busy} onAction={(action) => void act(action)} />
      {failure !== null && (
        <div role="alert">
          <NoticeCard notice={failure} />
        </div>
      )}
      {noticesOf(status).map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onOpen={onOpen} />
      ))}
      {mayHaveEarlier(status) && <EarlierCard store={store} />}
      {isSetUp && <TrafficCard store={store} hasEverAsked={status.router.counters.requests > 0} />}
      {isSetUp && <ConnectionFacts router={status.router} now={now} />}
      {isSetUp && <ClientSummary sessions={status.router.sessions} onOpen={() => onOpen('clients')} />}
    </div>
  );
}
