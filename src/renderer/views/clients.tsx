import type { ReactElement } from 'react';
import { useState } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { RouterStore } from '../bridge';
import { performClientAction, type ClientAction } from '../client-action';
import { ClientApps } from '../components/client-apps';
import { ClientList } from '../components/client-list';
import { ClientTokenList } from '../components/client-token-list';
import { NoticeCard } from '../components/notice-card';
import { failureNotice, type Notice } from '../notices';
import { texts } from '../texts';
import { clientsTexts as words } from '../texts/clients';
import { useNow } from '../use-now';
import classes from './view.module.css';

const DURATIONS_TICK_MS = 30_000;
const demoNotice: Notice = { id: 'demo-clients', tone: 'info', ...words.demo, details: [], page: null };

/** The programs of this machine: which are connected, which use the router now, and which may. */
export function Clients({
  status,
  store,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
}): ReactElement {
  const [failure, setFailure] = useState<Notice | null>(null);
  const now = useNow(DURATIONS_TICK_MS);
  const actOnClient = async (action: ClientAction): Promise<void> => {
    const result = await performClientAction(store, action);
    setFailure(result.ok ? null : failureNotice(result));
  };
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.clients}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      {status.isDemo && <NoticeCard notice={demoNotice} />}
      {failure !== null && (
        <div role="alert">
          <NoticeCard notice={failure} />
        </div>
      )}
      <ClientApps store={store} />
      <ClientList
        sessions={status.router.sessions}
        blocked={status.router.blockedClients}
        now={now}
        onAction={(action) => void actOnClient(action)}
      />
      <ClientTokenList store={store} />
    </div>
  );
}
