import { Button } from '@mantine/core';
import type { ReactElement, SyntheticEvent } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { CredentialView } from '../../shared/model/credential-views';
import { outcomeOf } from '../credential-words';
import { credentialsTexts as words } from '../texts/credentials';
import type { CredentialChanging } from '../use-credential-change';
import classes from './credential.module.css';
import { ProgressLine } from './progress-line';
import { Refusal } from './refusal';
import { SecretField } from './secret-field';
import { Steps } from './steps';

/** The bound of the payload (main/ipc/payloads), so that a slip of the clipboard is cut here. */
const MAX_VALUE_LENGTH = 16_384;

function Buttons({
  isBusy,
  onStore,
  onCancel,
}: {
  readonly isBusy: boolean;
  /** Null where it may not be stored untried. */
  readonly onStore: (() => void) | null;
  readonly onCancel: () => void;
}): ReactElement {
  return (
    <div className={classes['row']}>
      <Button type="submit" loading={isBusy}>
        {words.actions.tryIt}
      </Button>
      {onStore !== null && (
        <Button variant="default" disabled={isBusy} onClick={onStore}>
          {words.actions.storeAnyway}
        </Button>
      )}
      <Button variant="default" disabled={isBusy} onClick={onCancel}>
        {words.actions.cancel}
      </Button>
    </div>
  );
}

/** Asks for the new value, tries it and switches. The value stands in the field alone, and leaves it at once. */
export function RotationPanel({
  view,
  what,
  changing,
  onTry,
  onStore,
  onCancel,
}: {
  readonly view: CredentialView;
  readonly what: 'token' | 'client-secret';
  readonly changing: CredentialChanging;
  readonly onTry: (value: string) => void;
  readonly onStore: (value: string) => void;
  readonly onCancel: () => void;
}): ReactElement {
  const { step, outcome } = changing;
  const field = useRef<HTMLInputElement>(null);
  const [isEmpty, setIsEmpty] = useState(false);
  const isBusy = step !== null;
  useEffect(() => {
    if (!isBusy) field.current?.focus();
  }, [isBusy]);
  /** Where nothing is stored, what was refused may be put right, or stored all the same. */
  const isFirst = view.change.kind === 'enter';
  const hand = (to: (value: string) => void): void => {
    const value = field.current?.value.trim() ?? '';
    setIsEmpty(value === '');
    if (value === '' || isBusy) return;
    if (field.current !== null && !isFirst) field.current.value = '';
    to(value);
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    hand(onTry);
  };
  const shown = outcome === null ? null : outcomeOf(outcome, view);
  const mayStore = isFirst && (outcome?.kind === 'refused' || outcome?.kind === 'not-tried');
  return (
    <form className={classes['panel']} onSubmit={submit} noValidate>
      <Steps label={words.steps.label} steps={words.steps[what]} current={isBusy ? 1 : 0} />
      <SecretField
        ref={field}
        label={words.field[what]}
        hint={words.field.hint}
        error={isEmpty ? words.field.empty : null}
        maxLength={MAX_VALUE_LENGTH}
      />
      <ProgressLine text={step === null ? null : words.progress[step]} />
      {shown?.kind === 'notice' && <Refusal notice={shown.notice} />}
      <Buttons isBusy={isBusy} onStore={mayStore ? () => hand(onStore) : null} onCancel={onCancel} />
    </form>
  );
}
