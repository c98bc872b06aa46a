import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import classes from './entry-list.module.css';

/** A word about the state of an entry, with its colour. */
export interface EntryTag {
  readonly tone: 'good' | 'busy' | 'warning' | 'danger' | 'idle';
  readonly text: string;
}

/** Things that a person looks after, one row each: what it is, how it stands, what can be done. */
export function EntryList({
  label,
  children,
}: {
  readonly label?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={classes['frame']}>
      <ul className={classes['list']} aria-label={label}>
        {children}
      </ul>
    </div>
  );
}

/** One row of an {@link EntryList}. */
export function Entry({
  id,
  icon,
  title,
  tag,
  actions,
  children,
}: {
  /** Where the focus goes when a dialog about this entry closes. */
  readonly id?: string;
  readonly icon: ReactNode;
  readonly title: string;
  readonly tag?: EntryTag;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <li className={classes['entry']} id={id} tabIndex={id === undefined ? undefined : -1}>
      <span className={classes['icon']} aria-hidden>
        {icon}
      </span>
      <div className={classes['words']}>
        <span className={classes['title']}>{title}</span>
        {children}
      </div>
      {tag !== undefined && (
        <span className={classes['tag']} data-tone={tag.tone}>
          {tag.text}
        </span>
      )}
      {actions !== undefined && <span className={classes['actions']}>{actions}</span>}
    </li>
  );
}

/** A line below the title of an entry. */
export function EntryLine({
  kind = 'soft',
  tone,
  children,
}: {
  readonly kind?: 'soft' | 'path' | 'remark';
  readonly tone?: 'warning' | 'danger';
  readonly children: ReactNode;
}): ReactElement {
  return (
    <span className={classes[kind]} data-tone={tone}>
      {children}
    </span>
  );
}

/** A small button of an entry. */
export function EntryButton({
  text,
  label,
  isNextStep = false,
  onClick,
}: {
  readonly text: string;
  /** Says what it is about to those who cannot see the row. */
  readonly label: string;
  /** The one that a person most likely wants. */
  readonly isNextStep?: boolean;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <Button
      size="compact-sm"
      variant={isNextStep ? 'filled' : 'default'}
      aria-label={label}
      onClick={onClick}
    >
      {text}
    </Button>
  );
}
