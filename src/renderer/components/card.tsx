import type { ReactElement, ReactNode } from 'react';
import { useId } from 'react';
import classes from './card.module.css';

/** A titled group of facts. */
export function Card({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const id = useId();
  return (
    <section className={classes['card']} aria-labelledby={id}>
      <header className={classes['head']}>
        <h2 id={id} className={classes['title']}>
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
