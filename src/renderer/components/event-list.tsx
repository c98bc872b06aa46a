import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconPoint } from '../icons';
import type { ReactElement } from 'react';
import { VisuallyHidden } from '@mantine/core';
import type { EventLine, EventTone } from '../event-line';
import { texts } from '../texts';
import { calendarMoment, clockTime } from '../time-words';
import classes from './event-list.module.css';

const icons: Readonly<Record<EventTone, typeof IconPoint>> = {
  good: IconCircleCheck,
  idle: IconPoint,
  warning: IconAlertTriangle,
  danger: IconCircleX,
};

const severity: Readonly<Record<EventTone, string>> = {
  good: texts.activity.severity.good,
  idle: texts.activity.severity.info,
  warning: texts.activity.severity.warning,
  danger: texts.activity.severity.danger,
};

/** What happened, one line each, newest first. */
export function EventList({ lines }: { readonly lines: readonly EventLine[] }): ReactElement {
  return (
    <ol className={classes['list']} aria-label={texts.activity.list}>
      {lines.map((line) => {
        const Icon = icons[line.tone];
        return (
          <li key={line.key} className={classes['line']} data-tone={line.tone}>
            <time
              className={classes['time']}
              dateTime={new Date(line.at).toISOString()}
              title={calendarMoment(line.at)}
            >
              {clockTime(line.at)}
            </time>
            <Icon className={classes['icon']} size={17} stroke={1.8} aria-hidden />
            <span className={classes['words']}>
              <VisuallyHidden>{`${severity[line.tone]}: `}</VisuallyHidden>
              <span className={classes['title']}>{line.title}</span>
              {line.detail !== '' && <span className={classes['detail']}>{line.detail}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
