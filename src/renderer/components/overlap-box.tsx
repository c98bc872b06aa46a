import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { IconArrowBackUp } from '../icons';
import { credentialsTexts as words } from '../texts/credentials';
import { clockTime, durationWords } from '../time-words';
import { useNow } from '../use-now';
import classes from './credential.module.css';

const TICK_MS = 1000;

/** How long there is a way back, and the two ways to end that. */
export function OverlapBox({
  what,
  until,
  isBusy,
  onRollBack,
  onEnd,
}: {
  /** In the middle of a sentence. */
  readonly what: string;
  /** ISO 8601. */
  readonly until: string;
  readonly isBusy: boolean;
  readonly onRollBack: () => void;
  readonly onEnd: () => void;
}): ReactElement {
  const now = useNow(TICK_MS);
  const end = Date.parse(until);
  const title = words.overlap.title(what);
  return (
    <section className={classes['overlap']} aria-label={title}>
      <div className={classes['overlapWords']}>
        <p className={classes['strong']}>{title}</p>
        <p className={classes['text']}>
          {end > now ? words.overlap.text(durationWords(end - now), clockTime(end)) : words.overlap.over}
        </p>
      </div>
      {end > now && (
        <div className={classes['row']}>
          <Button
            variant="default"
            size="xs"
            disabled={isBusy}
            leftSection={<IconArrowBackUp size={15} stroke={1.8} aria-hidden />}
            onClick={onRollBack}
          >
            {words.actions.rollBack}
          </Button>
          <Button variant="default" size="xs" disabled={isBusy} onClick={onEnd}>
            {words.actions.endOverlap}
          </Button>
        </div>
      )}
    </section>
  );
}
