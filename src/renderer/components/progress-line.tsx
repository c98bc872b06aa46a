import { Loader } from '@mantine/core';
import type { ReactElement } from 'react';
import classes from './credential.module.css';

/** What is being done right now, told to a screen reader as well. */
export function ProgressLine({ text }: { readonly text: string | null }): ReactElement {
  return (
    <div className={classes['live']} role="status" aria-live="polite">
      {text !== null && (
        <p className={classes['progress']}>
          <Loader size={16} aria-hidden />
          {text}
        </p>
      )}
    </div>
  );
}
