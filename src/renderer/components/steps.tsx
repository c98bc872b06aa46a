import type { ReactElement } from 'react';
import { IconCheck } from '../icons';
import classes from './steps.module.css';

/** The steps of a procedure, and the one that is being done. */
export function Steps({
  label,
  steps,
  current,
}: {
  readonly label: string;
  readonly steps: readonly string[];
  /** Counted from 0; as many as there are steps: all are done. */
  readonly current: number;
}): ReactElement {
  return (
    <ol className={classes['steps']} aria-label={label}>
      {steps.map((step, index) => (
        <li
          key={step}
          className={classes['step']}
          data-is-done={index < current}
          aria-current={index === current ? 'step' : undefined}
        >
          <span className={classes['mark']} aria-hidden>
            {index < current ? <IconCheck size={14} stroke={2.4} /> : index + 1}
          </span>
          {step}
        </li>
      ))}
    </ol>
  );
}
