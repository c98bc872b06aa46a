import type { ReactElement } from 'react';
import type { Counters } from '../../shared/model/status';
import { texts } from '../texts';
import classes from './counter-row.module.css';

const shown = ['authFailures', 'rateLimitHits', 'connectionErrors', 'requests'] as const;
const alarming: ReadonlySet<string> = new Set(['authFailures', 'rateLimitHits', 'connectionErrors']);

/** The figures that tell whether somebody is in trouble. */
export function CounterRow({ counters }: { readonly counters: Counters }): ReactElement {
  return (
    <dl className={classes['row']} aria-label={texts.activity.counters}>
      {shown.map((name) => (
        <div
          key={name}
          className={classes['counter']}
          data-tone={alarming.has(name) && counters[name] > 0 ? 'warning' : undefined}
        >
          <dt className={classes['name']}>{texts.activity.counter[name]}</dt>
          <dd className={classes['value']}>{counters[name].toLocaleString()}</dd>
        </div>
      ))}
    </dl>
  );
}
