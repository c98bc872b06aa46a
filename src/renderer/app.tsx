import { Button, Loader } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import classes from './app.module.css';
import { assertNever } from '../shared/model/errors';
import type { AppStatus } from '../shared/ipc/contract';
import type { Page } from '../shared/model/page';
import { setup } from '../shared/model/switch-action';
import type { RouterSnapshot, RouterStore } from './bridge';
import { LiveState } from './components/live-state';
import { Sidebar } from './components/sidebar';
import { texts } from './texts';
import { Activity } from './views/activity';
import { Audit } from './views/audit';
import { Clients } from './views/clients';
import { Connection } from './views/connection';
import { Credentials } from './views/credentials';
import { FirstRun } from './views/first-run';
import { Overview } from './views/overview';
import { Security } from './views/security';
import { Settings } from './views/settings';
import viewClasses from './views/view.module.css';

type Ready = Extract<RouterSnapshot, { kind: 'ready' }>;

/** Opens a page; the settings page with something searched for. */
type OpenPage = (page: Page, search?: string) => void;

function PageView({
  page,
  search,
  ready,
  store,
  onOpen,
  isSettingUp,
  onHold,
}: {
  readonly page: Page;
  readonly search: string;
  readonly ready: Ready;
  readonly store: RouterStore;
  readonly onOpen: OpenPage;
  readonly isSettingUp: boolean;
  readonly onHold: (isHeld: boolean) => void;
}): ReactElement {
  const { status, events } = ready;
  switch (page) {
    case 'overview':
      return isSettingUp ? (
        <FirstRun status={status} store={store} onHold={onHold} />
      ) : (
        <Overview status={status} store={store} onOpen={onOpen} />
      );
    case 'activity':
      return <Activity events={events} counters={status.router.counters} alerts={status.router.alerts} />;
    case 'audit':
      return <Audit status={status} store={store} />;
    case 'connection':
      return <Connection status={status} store={store} />;
    case 'credentials':
      return <Credentials status={status} store={store} onOpen={onOpen} />;
    case 'clients':
      return <Clients status={status} store={store} />;
    case 'security':
      return <Security status={status} store={store} onOpen={onOpen} />;
    case 'settings':
      return (
        <Settings
          status={status}
          store={store}
          firstSearch={search}
          onOpenCredentials={() => onOpen('credentials')}
        />
      );
    default:
      return assertNever(page);
  }
}

function LoadFailed({ onRetry }: { readonly onRetry: () => void }): ReactElement {
  const words = texts.failedToLoad;
  return (
    <main className={viewClasses['centre']}>
      <div role="alert">
        <h1 className={viewClasses['title']}>{words.title}</h1>
        <p className={viewClasses['intro']}>{words.nextStep}</p>
      </div>
      <Button onClick={onRetry}>{words.retry}</Button>
    </main>
  );
}

/** A lockdown is shown first: while it lasts nothing can be tried. */
const isFirstRun = (status: AppStatus, isHeld: boolean): boolean =>
  status.router.lockdown === null && (isHeld || setup(status) === 'missing');

/** The window: the pages on the left, one page on the right. `firstPage` is shown until a person, or main, opens another. */
export function App({
  store,
  firstPage = 'overview',
}: {
  readonly store: RouterStore;
  readonly firstPage?: Page;
}): ReactElement {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot);
  const [{ page, search }, setPlace] = useState({ page: firstPage, search: '' });
  const open = useCallback<OpenPage>((next, wanted = '') => setPlace({ page: next, search: wanted }), []);
  useEffect(() => store.listen('page.open', (next) => open(next)), [store, open]);
  // Setting up goes on after the address is stored, until the person says that it is done.
  const [isHeld, setIsHeld] = useState(false);
  if (snapshot.kind === 'loading') {
    return (
      <main className={viewClasses['centre']}>
        <Loader size="sm" aria-hidden />
        <p className={viewClasses['intro']} role="status">
          {texts.loading}
        </p>
      </main>
    );
  }
  if (snapshot.kind === 'failed') return <LoadFailed onRetry={store.reload} />;
  return (
    <div className={classes['app']}>
      <Sidebar status={snapshot.status} page={page} onOpen={open} />
      <main className={classes['main']} key={page}>
        <PageView
          page={page}
          search={search}
          ready={snapshot}
          store={store}
          onOpen={open}
          isSettingUp={isFirstRun(snapshot.status, isHeld)}
          onHold={setIsHeld}
        />
      </main>
      <LiveState status={snapshot.status} />
    </div>
  );
}
