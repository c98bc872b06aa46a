import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useState } from 'react';
import type { SignInOutcome, SignInView } from '../../shared/model/credential-views';
import type { RouterStore } from '../bridge';
import { problem } from '../credential-words';
import { IconCircleCheck, IconClock, IconKey, IconServer2 } from '../icons';
import { credentialsTexts } from '../texts/credentials';
import { durationWords } from '../time-words';
import { failedCall } from '../use-credential-change';
import { useNow } from '../use-now';
import { Card } from './card';
import { Fact } from './connection-facts';
import factClasses from './connection-facts.module.css';
import classes from './credential.module.css';
import { ProgressLine } from './progress-line';
import { Refusal } from './refusal';

const words = credentialsTexts.signIn;
const { actions } = credentialsTexts;
const TICK_MS = 1000;

type Doing =
  | { readonly kind: 'opening' }
  | { readonly kind: 'waiting'; readonly provider: string }
  | { readonly kind: 'signing-out' };

function tokenWords(view: Exclude<SignInView, { state: 'signed-out' }>, now: number): string {
  const left = Date.parse(view.tokenUntil) - now;
  if (left <= 0) return words.ended;
  return view.isRenewable ? words.renewed(durationWords(left)) : words.ends(durationWords(left));
}

function Facts({ view }: { readonly view: SignInView }): ReactElement {
  const now = useNow(TICK_MS);
  return (
    <dl className={factClasses['facts']}>
      <Fact icon={IconServer2} name={credentialsTexts.facts.endpoints}>
        <span className={factClasses['address']}>{view.endpoint}</span>
      </Fact>
      {view.state !== 'signed-out' && (
        <>
          <Fact icon={IconKey} name={words.provider}>
            <span className={factClasses['address']}>{view.issuer}</span>
            <span className={factClasses['soft']}>{`${words.client} ${view.clientId}`}</span>
          </Fact>
          {view.state === 'signed-in' && (
            <Fact icon={IconClock} name={words.token}>
              <span>{tokenWords(view, now)}</span>
            </Fact>
          )}
        </>
      )}
    </dl>
  );
}

function doneWords(outcome: SignInOutcome): string | null {
  switch (outcome.kind) {
    case 'failed':
      return null;
    case 'signed-in':
      return words.done(outcome.issuer);
    default:
      return words[outcome.kind];
  }
}

function doingWords(doing: Doing | null): string | null {
  if (doing === null || doing.kind === 'signing-out') return null;
  return doing.kind === 'opening' ? words.opening : words.waiting(doing.provider);
}

const isSigningIn = (doing: Doing | null): boolean => doing?.kind === 'opening' || doing?.kind === 'waiting';

function Buttons({
  state,
  doing,
  onSignIn,
  onCancel,
  onSignOut,
}: {
  readonly state: SignInView['state'];
  readonly doing: Doing | null;
  readonly onSignIn: () => void;
  readonly onCancel: () => void;
  readonly onSignOut: () => void;
}): ReactElement {
  const isSignedIn = state === 'signed-in';
  if (isSigningIn(doing)) {
    return (
      <div className={classes['foot']}>
        <Button variant="default" onClick={onCancel}>
          {actions.cancel}
        </Button>
      </div>
    );
  }
  return (
    <div className={`${classes['row'] ?? ''} ${classes['foot'] ?? ''}`}>
      <Button variant={isSignedIn ? 'default' : 'filled'} disabled={doing !== null} onClick={onSignIn}>
        {isSignedIn ? actions.signInAgain : actions.signIn}
      </Button>
      {state !== 'signed-out' && (
        <Button variant="default" loading={doing?.kind === 'signing-out'} onClick={onSignOut}>
          {actions.signOut}
        </Button>
      )}
    </div>
  );
}

/** With whom a person has signed in, and the ways to do it and to end it. */
export function SignInCard({
  view,
  store,
  onChanged,
}: {
  readonly view: SignInView;
  readonly store: Pick<RouterStore, 'ask' | 'listen'>;
  readonly onChanged: () => Promise<void>;
}): ReactElement {
  const [doing, setDoing] = useState<Doing | null>(null);
  const [outcome, setOutcome] = useState<SignInOutcome | null>(null);
  useEffect(
    () =>
      store.listen('credentials.progress', (progress) => {
        if (progress.kind === 'signing-in') setDoing({ kind: 'waiting', provider: progress.provider });
      }),
    [store],
  );
  const run = async (first: Doing, call: Promise<SignInOutcome>): Promise<void> => {
    setOutcome(null);
    setDoing(first);
    const result = await call.catch(failedCall);
    setDoing(null);
    setOutcome(result);
    await onChanged();
  };
  const isIdle = view.state !== 'signed-in' && !isSigningIn(doing);
  const done = outcome === null ? null : doneWords(outcome);
  return (
    <Card title={words.title}>
      <Facts view={view} />
      {isIdle && <p className={classes['text']}>{words.state[view.state]}</p>}
      <ProgressLine text={doingWords(doing)} />
      <div role="status">
        {done !== null && (
          <p className={classes['good']}>
            <IconCircleCheck size={17} stroke={1.9} aria-hidden />
            {done}
          </p>
        )}
      </div>
      {outcome?.kind === 'failed' && (
        <Refusal notice={problem(credentialsTexts.outcome.failed, outcome.message)} />
      )}
      <Buttons
        state={view.state}
        doing={doing}
        onSignIn={() => void run({ kind: 'opening' }, store.ask('credentials.signIn'))}
        onCancel={() => void store.ask('credentials.cancelSignIn')}
        onSignOut={() => void run({ kind: 'signing-out' }, store.ask('credentials.signOut'))}
      />
    </Card>
  );
}
