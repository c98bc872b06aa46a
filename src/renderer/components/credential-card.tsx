import { Button } from '@mantine/core';
import type { ReactElement, RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { CredentialOutcome, CredentialView } from '../../shared/model/credential-views';
import type { Page } from '../../shared/model/page';
import type { RouterStore } from '../bridge';
import { elsewhereWords, outcomeOf } from '../credential-words';
import { IconCircleCheck } from '../icons';
import { credentialsTexts as words } from '../texts/credentials';
import { useCredentialChange, type ChangeStep, type CredentialChanging } from '../use-credential-change';
import { useNow } from '../use-now';
import { Card } from './card';
import { CertificatePanel } from './certificate-panel';
import { CredentialFacts } from './credential-facts';
import classes from './credential.module.css';
import { OverlapBox } from './overlap-box';
import { ProgressLine } from './progress-line';
import { Refusal } from './refusal';
import { RotationPanel } from './rotation-panel';

const TICK_MS = 60_000;

type Calls = Pick<RouterStore, 'ask' | 'listen'>;

/** How it is changed, in one line, or the button that begins it. */
function ChangeLine({
  view,
  onBegin,
  onOpen,
}: {
  readonly view: CredentialView;
  readonly onBegin: () => void;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const { change, what } = view;
  if (change.kind === 'elsewhere')
    return <p className={classes['text']}>{elsewhereWords(view.source, change.why)}</p>;
  if (change.kind === 'connection') {
    return (
      <div className={classes['row']}>
        <Button variant="default" onClick={() => onOpen('connection')}>
          {words.actions.openConnection}
        </Button>
        <span className={classes['text']}>{words.inConnection}</span>
      </div>
    );
  }
  const { enter, replace, rotate } = words.actions;
  const rotation = what === 'certificate' ? replace : rotate;
  return (
    <Button variant="default" onClick={onBegin}>
      {change.kind === 'enter' ? enter : rotation}
    </Button>
  );
}

/** What came of the last change, where no panel shows it. */
function Outcome({
  changing,
  view,
}: {
  readonly changing: CredentialChanging;
  readonly view: CredentialView;
}): ReactElement {
  const shown = changing.outcome === null ? null : outcomeOf(changing.outcome, view);
  return (
    <>
      <ProgressLine text={changing.step === null ? null : words.progress[changing.step]} />
      <div role="status">
        {shown?.kind === 'good' && (
          <p className={classes['good']}>
            <IconCircleCheck size={17} stroke={1.9} aria-hidden />
            {shown.text}
          </p>
        )}
      </div>
      {shown?.kind === 'notice' && <Refusal notice={shown.notice} />}
    </>
  );
}

type Run = (step: ChangeStep, command: Promise<CredentialOutcome>) => Promise<void>;

/** What a new one is entered, or chosen, in. */
function Panel({
  view,
  store,
  changing,
  run,
  onCancel,
}: {
  readonly view: CredentialView;
  readonly store: Calls;
  readonly changing: CredentialChanging;
  readonly run: Run;
  readonly onCancel: () => void;
}): ReactElement {
  const { id, what } = view;
  const parts = { view, changing, onCancel };
  return what === 'certificate' ? (
    <CertificatePanel
      {...parts}
      store={store}
      onUse={() => void run('proving', store.ask('credentials.useCertificate'))}
    />
  ) : (
    <RotationPanel
      {...parts}
      what={what}
      onTry={(value) => void run('proving', store.ask('credentials.rotate', { id, value }))}
      onStore={(value) => void run('swapping', store.ask('credentials.store', { id, value }))}
    />
  );
}

/** A panel that closes gives the keyboard back to the button that opened it. */
function useFocusAfter(isOpen: boolean): RefObject<HTMLDivElement | null> {
  const around = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !isOpen) around.current?.querySelector('button')?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return around;
}

/** One credential: what is known of it, and how it is changed. */
export function CredentialCard({
  view,
  rotationDays,
  store,
  onChanged,
  onOpen,
}: {
  readonly view: CredentialView;
  readonly rotationDays: number;
  readonly store: Calls;
  /** Asks for the report again. */
  readonly onChanged: () => Promise<void>;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const now = useNow(TICK_MS);
  const changing = useCredentialChange(view.id, store);
  const [isOpen, setIsOpen] = useState(false);
  const { id, what } = view;
  const begin = useFocusAfter(isOpen);
  const run: Run = async (step, command) => {
    const outcome = await changing.run(step, command);
    await onChanged();
    if (outcomeOf(outcome, view).kind === 'good') setIsOpen(false);
  };
  const open = (isWanted: boolean): void => {
    changing.forget();
    setIsOpen(isWanted);
  };
  return (
    <Card title={words.kind[what]}>
      <CredentialFacts view={view} rotationDays={rotationDays} now={now} />
      {view.previousUntil !== null && !isOpen && (
        <OverlapBox
          what={words.kindInText[what]}
          until={view.previousUntil}
          isBusy={changing.step !== null}
          onRollBack={() => void run('rolling-back', store.ask('credentials.rollBack', { id }))}
          onEnd={() => void run('ending', store.ask('credentials.endOverlap', { id }))}
        />
      )}
      {!isOpen && <Outcome changing={changing} view={view} />}
      {!isOpen && (
        <div className={classes['foot']} ref={begin}>
          <ChangeLine view={view} onBegin={() => open(true)} onOpen={onOpen} />
        </div>
      )}
      {isOpen && (
        <Panel view={view} store={store} changing={changing} run={run} onCancel={() => open(false)} />
      )}
    </Card>
  );
}
