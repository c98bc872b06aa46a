import type { ReactElement } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import type { RouterStore } from '../bridge';
import { texts } from '../texts';
import { clientsTexts as words } from '../texts/clients';
import classes from './view.module.css';

export function Clients(_props: { readonly status: AppStatus; readonly store: RouterStore }): ReactElement {
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.clients}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
    </div>
  );
}
