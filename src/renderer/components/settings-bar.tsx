import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { checkOf } from '../settings-state';
import { settingsTexts as words } from '../texts/settings';
import classes from './settings-bar.module.css';

type Check = ReturnType<typeof checkOf>;

function checkWords(check: Check): string {
  switch (check.kind) {
    case 'checking':
    case 'changed':
      return words.checking;
    case 'valid':
      return words.isGood;
    case 'invalid':
      return words.wrong(check.problems.filter(({ severity }) => severity === 'error').length);
    case 'refused':
      return check.message;
    case 'unchanged':
      return '';
  }
}

/** What is not saved yet and whether it can be, always in sight. */
export function SettingsBar({
  count,
  check,
  onDiscard,
  onReview,
}: {
  readonly count: number;
  readonly check: Check;
  readonly onDiscard: () => void;
  readonly onReview: () => void;
}): ReactElement {
  const isWrong = check.kind === 'invalid' || check.kind === 'refused';
  return (
    <div className={classes['place']} role="status">
      {count > 0 && (
        <div className={classes['bar']}>
          <p className={classes['words']}>
            <span>{words.unsaved(count)}</span>
            <span data-tone={isWrong ? 'danger' : 'idle'} className={classes['check']}>
              {checkWords(check)}
            </span>
          </p>
          <Button variant="default" size="sm" onClick={onDiscard}>
            {words.discard}
          </Button>
          <Button size="sm" disabled={check.kind !== 'valid'} onClick={onReview}>
            {words.review}
          </Button>
        </div>
      )}
    </div>
  );
}
