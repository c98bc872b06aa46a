import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconLock } from '../icons';
import type { ReactElement } from 'react';
import type { Page } from '../../shared/model/page';
import type { Notice } from '../notices';
import { texts } from '../texts';
import classes from './notice-card.module.css';

const icons = {
  danger: IconAlertCircle,
  warning: IconAlertTriangle,
  info: IconInfoCircle,
  good: IconCircleCheck,
  sealed: IconLock,
} as const;

/** A problem in plain words, with what to do next and the machine's own words below. */
export function NoticeCard({
  notice,
  onOpen,
}: {
  readonly notice: Notice;
  /** Absent where the person is there already. */
  readonly onOpen?: (page: Page) => void;
}): ReactElement {
  const Icon = icons[notice.tone];
  const { page } = notice;
  return (
    <section className={classes['notice']} data-tone={notice.tone} aria-label={notice.title}>
      <Icon className={classes['icon']} size={20} stroke={1.8} aria-hidden />
      <div className={classes['body']}>
        <p className={classes['title']}>{notice.title}</p>
        {notice.text !== '' && <p className={classes['text']}>{notice.text}</p>}
        {notice.nextStep !== '' && <p className={classes['text']}>{notice.nextStep}</p>}
        {notice.details.length > 0 && (
          <ul className={classes['details']}>
            {notice.details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        )}
      </div>
      {page !== null && onOpen !== undefined && (
        <Button className={classes['action']} variant="default" size="xs" onClick={() => onOpen(page)}>
          {texts.open[page]}
        </Button>
      )}
    </section>
  );
}
