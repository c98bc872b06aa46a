import type { ReactElement } from 'react';
import type { ShownState } from '../../shared/model/status';
import { stateTone } from '../headline';
import classes from './state-emblem.module.css';

/** The sign of a state, the same shape as in the tray. Decorative: the word beside it says it. */
export function StateEmblem({
  state,
  size,
}: {
  readonly state: ShownState;
  readonly size: 'large' | 'small';
}): ReactElement {
  return (
    <span
      className={classes['emblem']}
      data-tone={stateTone[state]}
      data-size={size}
      data-state={state}
      aria-hidden
    >
      <span className={classes['glyph']} />
    </span>
  );
}
