import { UnstyledButton } from '@mantine/core';
import {
  IconActivity,
  IconApps,
  IconFileCheck,
  IconHome,
  IconKey,
  IconPlugConnected,
  IconSettings,
  IconShieldLock,
} from '../icons';
import type { ReactElement } from 'react';
import appIcon from '../../../assets/icon.svg';
import type { AppStatus } from '../../shared/ipc/contract';
import { shownStateWords } from '../../shared/model/shown-state';
import { pages, type Page } from '../../shared/model/page';
import { texts } from '../texts';
import classes from './sidebar.module.css';
import { StateEmblem } from './state-emblem';

const icons: Readonly<Record<Page, typeof IconHome>> = {
  overview: IconHome,
  activity: IconActivity,
  audit: IconFileCheck,
  connection: IconPlugConnected,
  credentials: IconKey,
  clients: IconApps,
  security: IconShieldLock,
  settings: IconSettings,
};

/** The pages, and the state in one word, always in sight. */
export function Sidebar({
  status,
  page,
  onOpen,
}: {
  readonly status: AppStatus;
  readonly page: Page;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  return (
    <aside className={classes['side']}>
      <div className={classes['brand']}>
        <img src={appIcon} alt="" width={26} height={26} />
        <span className={classes['label']}>{texts.appName}</span>
      </div>
      <nav aria-label={texts.pagesLabel} className={classes['pages']}>
        {pages.map((name) => {
          const Icon = icons[name];
          return (
            <UnstyledButton
              key={name}
              className={classes['page']}
              aria-label={texts.pages[name]}
              aria-current={name === page ? 'page' : undefined}
              onClick={() => onOpen(name)}
            >
              <Icon size={18} stroke={1.8} aria-hidden />
              <span className={classes['label']}>{texts.pages[name]}</span>
            </UnstyledButton>
          );
        })}
      </nav>
      <div className={classes['foot']}>
        {status.isDemo && <span className={classes['badge']}>{texts.demoBadge}</span>}
        <span className={classes['state']}>
          <StateEmblem state={status.router.shown} size="small" />
          <span className={classes['label']}>{shownStateWords[status.router.shown]}</span>
        </span>
        <span className={classes['version']}>{texts.version(status.version)}</span>
      </div>
    </aside>
  );
}
