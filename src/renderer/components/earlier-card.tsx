import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCallback, useState } from 'react';
import type { RouterStore } from '../bridge';
import { failureNotice, type Notice } from '../notices';
import { firstRunTexts } from '../texts/first-run';
import { useAnswer } from '../use-answer';
import { Card } from './card';
import classes from './first-run.module.css';
import { NoticeCard } from './notice-card';

const words = firstRunTexts.earlier;

/** Offers to take over what an earlier router left: secrets of its own, or a token in the file. Nothing where it left none. */
export function EarlierCard({
  store,
}: {
  readonly store: Pick<RouterStore, 'ask' | 'perform'>;
}): ReactElement | null {
  const { answer, askAgain } = useAnswer(useCallback(() => store.ask('setup.earlier'), [store]));
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<Notice | null>(null);
  if (answer.kind !== 'ready') return null;
  const { secrets, hasInlineToken } = answer.value;
  if (secrets.length === 0 && !hasInlineToken) return null;
  const take = async (): Promise<void> => {
    setIsBusy(true);
    const result = await store.perform('setup.takeOver');
    setIsBusy(false);
    setFailure(result.ok ? null : { ...failureNotice(result), title: words.failed });
    await askAgain();
  };
  return (
    <Card title={words.title}>
      <div className={classes['form']}>
        <p className={classes['said']}>
          {hasInlineToken
            ? words.inline
            : words.secrets(secrets.map(({ name, place }) => `"${name}" (${place})`).join(', '))}
        </p>
        <p className={classes['note']}>{hasInlineToken ? words.moveText : words.takeText}</p>
        {failure !== null && (
          <div role="alert">
            <NoticeCard notice={failure} />
          </div>
        )}
        <div className={classes['row']}>
          <Button loading={isBusy} onClick={() => void take()}>
            {hasInlineToken ? words.move : words.take}
          </Button>
        </div>
      </div>
    </Card>
  );
}
