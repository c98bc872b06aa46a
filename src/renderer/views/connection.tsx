import { Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useState } from 'react';
import type { AppStatus, CommandResult, ConnectionSettings, SaveConnection } from '../../shared/ipc/contract';
import type { ErrorCode } from '../../shared/model/errors';
import { codeOf } from '../bridge';
import type { RouterStore } from '../bridge';
import { Card } from '../components/card';
import { ConnectionForm } from '../components/connection-form';
import { NoticeCard } from '../components/notice-card';
import { keychainNotice, unansweredNotice } from '../notices';
import { texts } from '../texts';
import classes from './view.module.css';

const words = texts.connection;

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  | { readonly kind: 'ready'; readonly settings: ConnectionSettings };

type Settings = Pick<RouterStore, 'connectionSettings' | 'saveConnection'>;

async function readSettings(store: Settings): Promise<Loaded> {
  try {
    return { kind: 'ready', settings: await store.connectionSettings() };
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

/** The gateway's address and the token. */
export function Connection({
  status,
  store,
}: {
  readonly status: AppStatus;
  readonly store: Settings;
}): ReactElement {
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  useEffect(() => {
    let isShown = true;
    void readSettings(store).then((next) => {
      if (isShown) setLoaded(next);
    });
    return () => {
      isShown = false;
    };
  }, [store]);
  const keychain = keychainNotice(status);
  const save = async (input: SaveConnection): Promise<CommandResult> => {
    const result = await store.saveConnection(input);
    if (result.ok) setLoaded(await readSettings(store));
    return result;
  };
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.connection}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      {keychain !== null && <NoticeCard notice={keychain} />}
      {loaded.kind === 'failed' && <NoticeCard notice={unansweredNotice(words.loadFailed, loaded.code)} />}
      <Card title={texts.facts.gateway}>
        {loaded.kind === 'loading' && <Skeleton height={180} aria-label={texts.loading} />}
        {loaded.kind === 'ready' && <ConnectionForm settings={loaded.settings} onSave={save} />}
      </Card>
      <Card title={words.file}>
        <p className={classes['path']}>{status.configPath}</p>
        <p className={classes['note']}>{words.fileHint}</p>
      </Card>
    </div>
  );
}
