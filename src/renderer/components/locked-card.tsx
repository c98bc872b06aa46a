import { Button, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useRef, useState } from 'react';
import { lockdownSourceWords, RELEASE_WORD, type Lockdown } from '../../shared/model/lockdown';
import type { RouterStore } from '../bridge';
import { IconLock } from '../icons';
import { failureNotice, type Notice } from '../notices';
import { securityTexts } from '../texts/security';
import { calendarMoment } from '../time-words';
import classes from './lockdown.module.css';
import { Refusal } from './refusal';

const words = securityTexts.locked;

/** Where the focus goes when somebody wants to end it. */
export const LOCKED_CARD_ID = 'locked-down';

/** The word that ends it has to be typed. */
function ReleaseForm({ store }: { readonly store: Pick<RouterStore, 'releaseLockdown'> }): ReactElement {
  const [word, setWord] = useState('');
  const [failure, setFailure] = useState<Notice | null>(null);
  const release = async (): Promise<void> => {
    const result = await store.releaseLockdown(word);
    setFailure(result.ok ? null : failureNotice(result));
    setWord('');
  };
  return (
    <>
      <form
        className={classes['release']}
        onSubmit={(event) => {
          event.preventDefault();
          if (word === RELEASE_WORD) void release();
        }}
      >
        <TextInput
          className={classes['field'] ?? ''}
          label={words.typeWord(RELEASE_WORD)}
          value={word}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => setWord(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={word !== RELEASE_WORD}>
          {words.release}
        </Button>
      </form>
      {failure !== null && <Refusal notice={failure} />}
    </>
  );
}

/** That everything is locked down, since when, and the deliberate way to end it. */
export function LockedCard({
  lockdown: { since, by, problem },
  isNew,
  store,
}: {
  readonly lockdown: Lockdown;
  /** It began while the page was open: the focus comes here, because what was pressed is gone. */
  readonly isNew: boolean;
  readonly store: Pick<RouterStore, 'releaseLockdown'>;
}): ReactElement {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isNew) card.current?.focus();
  }, [isNew]);
  const who = lockdownSourceWords[by];
  return (
    <section
      id={LOCKED_CARD_ID}
      ref={card}
      className={classes['locked']}
      data-tone="sealed"
      tabIndex={-1}
      aria-label={words.title}
    >
      <span className={classes['emblem']} aria-hidden>
        <IconLock size={26} stroke={1.7} />
      </span>
      <div className={classes['words']}>
        <h2 className={classes['title']}>{words.title}</h2>
        <p className={classes['text']}>{words.text}</p>
        <p className={classes['soft']}>
          {since === null ? words.by(who) : words.since(calendarMoment(since), who)}
        </p>
        {problem !== null && <p className={classes['soft']}>{problem}</p>}
        <ReleaseForm store={store} />
      </div>
    </section>
  );
}
