import { Button } from '@mantine/core';
import type { ReactElement, SyntheticEvent } from 'react';
import { useRef, useState } from 'react';
import type { CommandResult } from '../../shared/ipc/call';
import { errorTable } from '../../shared/model/errors';
import { codeOf, type RouterStore } from '../bridge';
import { IconExternalLink } from '../icons';
import { failureNotice, type Notice } from '../notices';
import { firstRunTexts } from '../texts/first-run';
import { Card } from './card';
import classes from './first-run.module.css';
import { NoticeCard } from './notice-card';
import { ProgressLine } from './progress-line';
import { SecretField } from './secret-field';

const words = firstRunTexts.credential;
/** The bound of the payload. */
const MAX_TOKEN_LENGTH = 16_384;

type Doing = 'nothing' | 'storing' | 'signing-in';
type Commands = Pick<RouterStore, 'saveConnection' | 'perform' | 'ask'>;

/** Saves that a person signs in at this address, and has them do it. */
async function signIn(store: Commands, url: string): Promise<CommandResult | 'cancelled'> {
  const saved = await store.perform('setup.save', { url, access: 'sign-in' });
  if (!saved.ok) return saved;
  try {
    const outcome = await store.ask('credentials.signIn');
    if (outcome.kind === 'failed') return { ok: false, code: 'sign-in-needed', message: outcome.message };
    return outcome.kind === 'signed-in' ? { ok: true } : 'cancelled';
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, code, message: errorTable[code].text };
  }
}

/** Only what speaks HTTP can name who signs people in. */
const canSignIn = (url: string): boolean => /^https?:/i.test(url);

/** The second step: a token, or signing in with the browser. */
export function FirstCredential({
  url,
  store,
  onNext,
  onBack,
}: {
  readonly url: string;
  readonly store: Commands;
  readonly onNext: () => void;
  readonly onBack: () => void;
}): ReactElement {
  const [doing, setDoing] = useState<Doing>('nothing');
  const [failure, setFailure] = useState<Notice | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const perform = async (what: Doing, act: () => Promise<CommandResult | 'cancelled'>): Promise<void> => {
    setDoing(what);
    setFailure(null);
    const result = await act();
    setDoing('nothing');
    if (result === 'cancelled') return;
    if (result.ok) onNext();
    else setFailure({ ...failureNotice(result), title: words.notDone });
  };
  const storeToken = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const token = field.current?.value ?? '';
    if (token === '' || doing !== 'nothing') return;
    await perform('storing', () => store.saveConnection({ url, token }));
    if (field.current !== null) field.current.value = '';
  };
  return (
    <Card title={words.title}>
      <form className={classes['form']} onSubmit={(event) => void storeToken(event)} noValidate>
        <SecretField
          ref={field}
          label={words.token}
          hint={words.tokenHint}
          error={null}
          maxLength={MAX_TOKEN_LENGTH}
        />
        {failure !== null && (
          <div role="alert">
            <NoticeCard notice={failure} />
          </div>
        )}
        <Buttons isStoring={doing === 'storing'} onBack={onBack} />
        {canSignIn(url) && (
          <SignIn
            isWaiting={doing === 'signing-in'}
            onSignIn={() => void perform('signing-in', () => signIn(store, url))}
            onCancel={() => void store.ask('credentials.cancelSignIn')}
          />
        )}
      </form>
    </Card>
  );
}

function Buttons({
  isStoring,
  onBack,
}: {
  readonly isStoring: boolean;
  readonly onBack: () => void;
}): ReactElement {
  return (
    <div className={classes['row']}>
      <Button type="submit" loading={isStoring}>
        {words.store}
      </Button>
      <Button variant="default" onClick={onBack}>
        {firstRunTexts.back}
      </Button>
    </div>
  );
}

function SignIn({
  isWaiting,
  onSignIn,
  onCancel,
}: {
  readonly isWaiting: boolean;
  readonly onSignIn: () => void;
  readonly onCancel: () => void;
}): ReactElement {
  return (
    <>
      <p className={classes['or']}>{words.or}</p>
      <p className={classes['note']}>{words.signInText}</p>
      <ProgressLine text={isWaiting ? words.signingIn : null} />
      <div className={classes['row']}>
        <Button
          variant="default"
          loading={isWaiting}
          leftSection={<IconExternalLink size={16} stroke={1.8} aria-hidden />}
          onClick={onSignIn}
        >
          {words.signIn}
        </Button>
        {isWaiting && (
          <Button variant="subtle" onClick={onCancel}>
            {words.cancel}
          </Button>
        )}
      </div>
    </>
  );
}
