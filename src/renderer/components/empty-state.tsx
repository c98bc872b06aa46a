import type { ReactElement, ReactNode } from 'react';
import classes from './empty-state.module.css';

/** What stands where a list has nothing to show. */
export function EmptyState({
  icon,
  title,
  text,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly text: string;
}): ReactElement {
  return (
    <div className={classes['empty']}>
      <span className={classes['icon']} aria-hidden>
        {icon}
      </span>
      <p className={classes['title']}>{title}</p>
      <p className={classes['text']}>{text}</p>
    </div>
  );
}
