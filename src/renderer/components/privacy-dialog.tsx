import type { ReactElement } from 'react';
import { useCallback } from 'react';
import { errorTable } from '../../shared/model/errors';
import type { RouterStore } from '../bridge';
import { securityTexts } from '../texts/security';
import { useAnswer } from '../use-answer';
import classes from './client-change-dialog.module.css';
import { ConfirmDialog } from './confirm-dialog';

const words = securityTexts.privacy;

/** Shows the command that takes the configuration file away from other users, and does exactly that. */
export function PrivacyDialog({
  store,
  onDone,
  onClose,
}: {
  readonly store: Pick<RouterStore, 'ask' | 'perform'>;
  readonly onDone: () => void;
  readonly onClose: () => void;
}): ReactElement {
  const question = useCallback(() => store.ask('security.offer-privacy'), [store]);
  const { answer } = useAnswer(question);
  const offer = answer.kind === 'ready' && answer.value.kind === 'offered' ? answer.value : null;
  return (
    <ConfirmDialog
      title={words.title}
      confirm={words.confirm}
      perform={offer === null ? null : () => store.perform('security.make-private')}
      onDone={onDone}
      onClose={onClose}
    >
      {answer.kind === 'loading' && (
        <p className={classes['text']} role="status">
          {words.looking}
        </p>
      )}
      {answer.kind === 'failed' && (
        <p className={classes['text']} role="alert">
          {errorTable[answer.code].text}
        </p>
      )}
      {answer.kind === 'ready' && offer === null && <p className={classes['text']}>{words.notNeeded}</p>}
      {offer !== null && (
        <>
          <p className={classes['text']}>{words.text(offer.mode)}</p>
          <p className={`${classes['diff']} ${classes['command']}`}>{offer.command}</p>
        </>
      )}
    </ConfirmDialog>
  );
}
