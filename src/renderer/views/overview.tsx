import type { ReactElement } from 'react';
import { useState } from 'react';
import type { AppStatus, CommandResult } from '../../shared/ipc/contract';
import { assertNever, errorTable } from '../../shared/model/errors';
import type { Page } from '../../shared/model/page';
import { setup } from '../../shared/model/switch-action';
import type { SwitchAction } from '../../shared/model/switch-action';
import type { RouterStore } from '../bridge';
import { ClientList, type ClientAction } from '../components/client-list';
import { ConnectionFacts } from '../components/connection-facts';
import { NoticeCard } from '../components/notice-card';
import { StatusCard } from '../components/status-card';
import type { Notice } from '../notices';
import { noticesOf } from '../notices';
import { texts } from '../texts';
import { useNow } from '../use-now';
import classes from './view.module.css';

const FACTS_TICK_MS = 60_000;

const failureNotice = (result: Extract<CommandResult, { readonly ok: false }>): Notice => ({
  id: 'command-failed',
  tone: 'danger',
  title: texts.notices.commandFailed,
  text: result.message,
  nextStep: errorTable[result.code].nextStep,
  details: [],
  page: null,
});

type Commands = Pick<
  RouterStore,
  'connect' | 'disconnect' | 'disconnectClient' | 'blockClient' | 'unblockClient'
>;

function perform(store: Commands, action: ClientAction): Promise<CommandResult> {
  switch (action.kind) {
    case 'disconnect':
      return store.disconnectClient(action.session);
    case 'block':
      return store.blockClient(action.name);
    case 'unblock':
      return store.unblockClient(action.name);
    default:
      return assertNever(action);
  }
}

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

  const actOnClient = async (action: ClientAction): Promise<void> => {
    const result = await perform(store, action);
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
      {isSetUp && <ConnectionFacts router={status.router} now={now} />}
      {isSetUp && (
        <ClientList
          sessions={status.router.sessions}
          blocked={status.router.blockedClients}
          now={now}
          onAction={(action) => void actOnClient(action)}
        />
      )}
    </div>
  );
}
