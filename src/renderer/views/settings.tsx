import type { ReactElement } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { RouterStore } from '../bridge';
import { AppPreferences } from '../components/app-preferences';
import { texts } from '../texts';
import { settingsTexts as words } from '../texts/settings';
import classes from './view.module.css';

export function Settings({
  store,
}: {
  readonly status: AppStatus;
  readonly store: RouterStore;
}): ReactElement {
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.settings}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      <AppPreferences store={store} />
    </div>
  );
}
