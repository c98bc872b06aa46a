import type { ReactElement } from 'react';
import type { Counters } from '../../shared/model/status';
import type { ActivityKind } from '../activity-kind';
import { texts } from '../texts';
import classes from './counter-row.module.css';

/** The counters that lead to lines of the list, and to which. */
const filters = {
  authFailures: 'auth',
  rateLimitHits: 'limits',
  connectionErrors: 'connection',
} as const satisfies Partial<Record<keyof Counters, ActivityKind>>;

const names = ['authFailures', 'rateLimitHits', 'connectionErrors'] as const;

/** The figures that tell whether somebody is in trouble; pressed, they show the trouble alone. */
export function CounterRow({
  counters,
  chosen,
  onChoose,
}: {
  readonly counters: Counters;
  /** Whose problems are shown alone; null when none is. */
  readonly chosen: ActivityKind | null;
  /** Called with null to show everything again. */
  readonly onChoose: (kind: ActivityKind | null) => void;
}): ReactElement {
  return (
    <div className={classes['row']} role="group" aria-label={texts.activity.counters}>
      {names.map((name) => {
        const kind = filters[name];
        const isChosen = chosen === kind;
        return (
          <button
            key={name}
            type="button"
            className={classes['counter']}
            data-tone={counters[name] > 0 ? 'warning' : undefined}
            aria-pressed={isChosen}
            onClick={() => onChoose(isChosen ? null : kind)}
          >
            <span className={classes['value']}>{counters[name].toLocaleString()}</span>{' '}
            <span className={classes['name']}>{texts.activity.counter[name]}</span>
          </button>
        );
      })}
      <div className={classes['counter']}>
        <span className={classes['value']}>{counters.requests.toLocaleString()}</span>
        <span className={classes['name']}>{texts.activity.counter.requests}</span>
      </div>
    </div>
  );
}
