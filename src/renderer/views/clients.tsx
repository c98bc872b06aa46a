import type { ReactElement } from 'react';
import { useCallback, useState } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { ClientRow, ClientAction as FileAction } from '../../shared/model/client-apps';
import type { RouterStore } from '../bridge';
import { performClientAction, type ClientAction } from '../client-action';
import { ClientAppList, entryIdOf } from '../components/client-app-list';
import { ClientChangeDialog, type WantedChange } from '../components/client-change-dialog';
import { ClientList } from '../components/client-list';
import { ClientTokenList } from '../components/client-token-list';
import { NoticeCard } from '../components/notice-card';
import { failureNotice, type Notice } from '../notices';
import { texts } from '../texts';
import { clientsTexts as words } from '../texts/clients';
import { useAnswer } from '../use-answer';
import { useNow } from '../use-now';
import { useRepeated } from '../use-repeated';
import classes from './view.module.css';

const DURATIONS_TICK_MS = 30_000;
/** A client may lose our entry while the page is open; looking costs a few small files. */
const LOOK_PERIOD_MS = 10_000;

const demoNotice: Notice = { id: 'demo-clients', tone: 'info', ...words.demo, details: [], page: null };

/** A changed entry is removed as it is: the preview shows what goes, and a person confirms that. */
const wantedChange = (action: FileAction, client: ClientRow): WantedChange => ({
  client,
  request: {
    action,
    id: client.id,
    ...(action === 'disconnect' && client.state.kind === 'drifted' ? { mayReplace: true } : {}),
  },
});

/** The programs of this machine: which are connected, which use the router now, and which may. */
export function Clients({
  status,
  store,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
}): ReactElement {
  const question = useCallback(() => store.ask('client-apps.list'), [store]);
  const { answer, askAgain } = useAnswer(question);
  useRepeated(askAgain, LOOK_PERIOD_MS);
  const [wanted, setWanted] = useState<WantedChange | null>(null);
  const [failure, setFailure] = useState<Notice | null>(null);
  const now = useNow(DURATIONS_TICK_MS);
  const lookAgain = useCallback(() => void askAgain(), [askAgain]);
  const close = (): void => {
    const id = wanted?.request.id;
    setWanted(null);
    lookAgain();
    // The button that opened the dialog may be another one by now.
    if (id !== undefined) setTimeout(() => document.getElementById(entryIdOf(id))?.focus());
  };
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
      <ClientAppList
        answer={answer}
        onLookAgain={lookAgain}
        onAction={(action, client) => setWanted(wantedChange(action, client))}
      />
      <ClientList
        sessions={status.router.sessions}
        blocked={status.router.blockedClients}
        now={now}
        onAction={(action) => void actOnClient(action)}
      />
      <ClientTokenList store={store} />
      {wanted !== null && (
        <ClientChangeDialog wanted={wanted} store={store} onDone={lookAgain} onClose={close} />
      )}
    </div>
  );
}
