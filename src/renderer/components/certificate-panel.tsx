import { Button } from '@mantine/core';
import type { ReactElement, SyntheticEvent } from 'react';
import { useRef, useState } from 'react';
import type { CertificateForm, ChosenCertificate, CredentialView } from '../../shared/model/credential-views';
import type { RouterStore } from '../bridge';
import { outcomeOf, problem, validityLine } from '../credential-words';
import { credentialsTexts as words } from '../texts/credentials';
import { failedCall, type CredentialChanging } from '../use-credential-change';
import { useNow } from '../use-now';
import factClasses from './connection-facts.module.css';
import { Fact } from './connection-facts';
import { IconCertificate, IconClock } from '../icons';
import classes from './credential.module.css';
import { ProgressLine } from './progress-line';
import { Refusal } from './refusal';
import { SecretField } from './secret-field';
import { Steps } from './steps';

/** The bound of the payload (main/ipc/payloads). */
const MAX_PASSPHRASE_LENGTH = 1024;
const TICK_MS = 60_000;

function Facts({ chosen }: { readonly chosen: Extract<ChosenCertificate, { kind: 'ready' }> }): ReactElement {
  const now = useNow(TICK_MS);
  const { subject, issuer, validTo } = chosen.facts;
  const validity = validityLine(validTo, now);
  return (
    <div>
      <dl className={factClasses['facts']}>
        <Fact icon={IconCertificate} name={words.facts.issuedTo}>
          <span>{subject}</span>
          <span className={factClasses['soft']}>{words.by(issuer)}</span>
        </Fact>
        <Fact icon={IconClock} name={words.facts.validity}>
          <span className={classes['line']} data-tone={validity.tone}>
            {validity.text}
          </span>
        </Fact>
      </dl>
      <p className={classes['text']}>{words.chosen(chosen.files.join(', '))}</p>
    </div>
  );
}

function PassphraseForm({ onOpen }: { readonly onOpen: (passphrase: string) => void }): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const passphrase = field.current?.value ?? '';
    if (field.current !== null) field.current.value = '';
    if (passphrase !== '') onOpen(passphrase);
  };
  return (
    <form className={classes['panel']} onSubmit={submit} noValidate>
      <SecretField
        ref={field}
        label={words.field.passphrase}
        hint={words.field.passphraseHint}
        error={null}
        maxLength={MAX_PASSPHRASE_LENGTH}
      />
      <div className={classes['row']}>
        <Button type="submit" variant="default">
          {words.actions.open}
        </Button>
      </div>
    </form>
  );
}

/** What was chosen, and the ways to choose it; main holds the files. */
function useChosenCertificate(
  id: string,
  store: Pick<RouterStore, 'ask'>,
  changing: CredentialChanging,
): {
  readonly chosen: ChosenCertificate;
  readonly isLooking: boolean;
  choose(form: CertificateForm): void;
  open(passphrase: string): void;
  /** What was chosen can be tried once. */
  take(): void;
} {
  const [chosen, setChosen] = useState<ChosenCertificate>({ kind: 'cancelled' });
  const [isLooking, setIsLooking] = useState(false);
  const look = async (answer: Promise<ChosenCertificate>): Promise<void> => {
    changing.forget();
    setIsLooking(true);
    const refusal = (error: unknown): ChosenCertificate => ({ ...failedCall(error), kind: 'refused' });
    setChosen(await answer.catch(refusal));
    setIsLooking(false);
  };
  return {
    chosen,
    isLooking,
    choose: (form) => void look(store.ask('credentials.chooseCertificate', { id, form })),
    open: (passphrase) => void look(store.ask('credentials.openCertificate', { passphrase })),
    take: () => setChosen({ kind: 'cancelled' }),
  };
}

/** Has the new certificate chosen by a dialog of the system, shows it, tries it and switches. */
export function CertificatePanel({
  view,
  store,
  changing,
  onUse,
  onCancel,
}: {
  readonly view: CredentialView;
  readonly store: Pick<RouterStore, 'ask'>;
  readonly changing: CredentialChanging;
  readonly onUse: () => void;
  readonly onCancel: () => void;
}): ReactElement {
  const { step, outcome } = changing;
  const { chosen, isLooking, choose, open, take } = useChosenCertificate(view.id, store, changing);
  const isBusy = step !== null || isLooking;
  const use = (): void => {
    take();
    onUse();
  };
  const shown = outcome === null ? null : outcomeOf(outcome, view);
  const busyText = step === null ? null : words.progress[step];
  const current = step === null ? (chosen.kind === 'ready' ? 1 : 0) : 1;
  return (
    <div className={classes['panel']}>
      <Steps label={words.steps.label} steps={words.steps.certificate} current={current} />
      <div className={classes['row']}>
        <Button variant="default" disabled={isBusy} onClick={() => choose('pem')}>
          {words.actions.pem}
        </Button>
        <Button variant="default" disabled={isBusy} onClick={() => choose('pkcs12')}>
          {words.actions.pkcs12}
        </Button>
      </div>
      {chosen.kind === 'needs-passphrase' && <PassphraseForm onOpen={open} />}
      {chosen.kind === 'ready' && <Facts chosen={chosen} />}
      <ProgressLine text={isLooking ? words.progress.looking : busyText} />
      {chosen.kind === 'refused' && <Refusal notice={problem(words.outcome.failed, chosen.message)} />}
      {shown?.kind === 'notice' && <Refusal notice={shown.notice} />}
      <div className={classes['row']}>
        {chosen.kind === 'ready' && (
          <Button loading={isBusy} onClick={use}>
            {words.actions.tryIt}
          </Button>
        )}
        <Button variant="default" disabled={step !== null} onClick={onCancel}>
          {words.actions.cancel}
        </Button>
      </div>
    </div>
  );
}
