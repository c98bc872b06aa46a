import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import type { ReactElement } from 'react';
import { memo, useId, useState } from 'react';
import type { EventGroup } from '../activity-view';
import type { EventLine, EventTone } from '../event-line';
import {
  IconAlertTriangle,
  IconBell,
  IconChevronDown,
  IconChevronRight,
  IconCircleCheck,
  IconCircleX,
  IconPoint,
} from '../icons';
import { texts } from '../texts';
import { activityTexts } from '../texts/activity';
import { calendarMoment, clockTime } from '../time-words';
import classes from './event-list.module.css';

/** As many lines of one group as are drawn when it is opened. */
const MAX_EARLIER = 100;

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

function Time({ at }: { readonly at: number }): ReactElement {
  return (
    <time className={classes['time']} dateTime={new Date(at).toISOString()} title={calendarMoment(at)}>
      {clockTime(at)}
    </time>
  );
}

const detailOf = ({ isAlert, detail }: EventLine): string =>
  isAlert ? activityTexts.whatToDo(detail) : detail;

/** Each line with its time, and with what it says beyond the first. */
function Earlier({ id, lines }: { readonly id: string; readonly lines: readonly EventLine[] }): ReactElement {
  const said = lines[0]?.detail;
  const rest = lines.length - MAX_EARLIER;
  return (
    <ol className={classes['earlier']} id={id} aria-label={activityTexts.earlier}>
      {lines.slice(0, MAX_EARLIER).map((line) => (
        <li key={line.key} className={classes['detail']}>
          {clockTime(line.at)}
          {line.detail !== said && ` ${line.detail}`}
        </li>
      ))}
      {rest > 0 && <li className={classes['detail']}>{activityTexts.unlisted(rest)}</li>}
    </ol>
  );
}

const Group = memo(function Group({ group }: { readonly group: EventGroup }): ReactElement {
  const { newest, earlier } = group;
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const Icon = newest.isAlert ? IconBell : icons[newest.tone];
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const detail = detailOf(newest);
  return (
    <li className={classes['line']} data-tone={newest.tone} data-is-alert={newest.isAlert}>
      <Time at={newest.at} />
      <Icon className={classes['icon']} size={17} stroke={1.8} aria-hidden />
      <div className={classes['words']}>
        <VisuallyHidden>{`${severity[newest.tone]}: `}</VisuallyHidden>
        <span className={classes['title']}>{newest.title}</span>
        {detail !== '' && <span className={classes['detail']}>{detail}</span>}
        {earlier.length > 0 && (
          <UnstyledButton
            className={classes['times']}
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => setIsOpen(!isOpen)}
          >
            <Chevron size={14} stroke={2} aria-hidden />
            {activityTexts.times(earlier.length + 1, clockTime(newest.at))}
          </UnstyledButton>
        )}
        {isOpen && earlier.length > 0 && <Earlier id={id} lines={[newest, ...earlier]} />}
      </div>
    </li>
  );
}, isSameGroup);

/** Lines never change, so that a group is the same while the same lines are in it. */
function isSameGroup(one: { readonly group: EventGroup }, other: { readonly group: EventGroup }): boolean {
  return (
    one.group.newest.key === other.group.newest.key &&
    one.group.newest.title === other.group.newest.title &&
    one.group.key === other.group.key &&
    one.group.earlier.length === other.group.earlier.length
  );
}

/** What happened, newest first; what says the same stands together. */
export function EventList({ groups }: { readonly groups: readonly EventGroup[] }): ReactElement {
  return (
    <ol className={classes['list']} aria-label={texts.activity.list}>
      {groups.map((group) => (
        <Group key={group.key} group={group} />
      ))}
    </ol>
  );
}
