import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useState } from 'react';
import type { Page } from '../../shared/model/page';
import type { RouterStore } from '../bridge';
import { securityTexts } from '../texts/security';
import { useIncidentExport, type IncidentExportState } from '../use-incident-export';
import { Card } from './card';
import dialogClasses from './client-change-dialog.module.css';
import { ConfirmDialog } from './confirm-dialog';
import { LOCKED_CARD_ID } from './locked-card';
import classes from './lockdown.module.css';
import { NoticeCard } from './notice-card';
import { ProgressLine } from './progress-line';

const words = securityTexts.incident;
const lockdownWords = securityTexts.lockdown;

function Step({
  title,
  text,
  isDone = false,
  actions,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly isDone?: boolean;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <li className={classes['step']} data-is-done={isDone}>
      <div>
        <span className={classes['stepTitle']}>{title}</span>
        <span className={classes['soft']}>{text}</span>
      </div>
      {actions !== undefined && <div className={classes['actions']}>{actions}</div>}
      {children}
    </li>
  );
}

function SmallButton({
  text,
  onClick,
  ...others
}: {
  readonly text: string;
  readonly isLoading?: boolean;
  readonly isDangerous?: boolean;
  readonly onClick: () => void;
}): ReactElement {
  const { isLoading = false, isDangerous = false } = others;
  return (
    <Button
      size="compact-sm"
      variant={isDangerous ? 'outline' : 'default'}
      {...(isDangerous && { color: 'var(--bad)' })}
      loading={isLoading}
      onClick={onClick}
    >
      {text}
    </Button>
  );
}

function ExportOutcome({ state }: { readonly state: IncidentExportState }): ReactElement {
  const progress = state.kind === 'running' ? state.part : undefined;
  const line = progress === undefined ? null : progress === null ? words.choosing : words.part[progress];
  return (
    <div className={classes['outcome']}>
      <ProgressLine text={line} />
      {state.kind === 'told' && (
        <div role="alert">
          <NoticeCard notice={state.notice} />
        </div>
      )}
    </div>
  );
}

/** Says what a lockdown does before it does it. */
function LockdownDialog({
  store,
  onClose,
}: {
  readonly store: Pick<RouterStore, 'lockDown'>;
  readonly onClose: () => void;
}): ReactElement {
  return (
    <ConfirmDialog
      title={lockdownWords.title}
      confirm={lockdownWords.confirm}
      isDangerous
      perform={() => store.lockDown()}
      onDone={onClose}
      onClose={onClose}
    >
      <ul className={dialogClasses['points']}>
        {lockdownWords.consequences.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className={dialogClasses['soft']}>{lockdownWords.until}</p>
    </ConfirmDialog>
  );
}

/** The steps that other pages are for. */
function ElsewhereSteps({
  isLocked,
  onOpen,
}: {
  readonly isLocked: boolean;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const { look, rotate } = words.steps;
  return (
    <>
      <Step
        {...look}
        actions={
          <>
            <SmallButton text={words.openAudit} onClick={() => onOpen('audit')} />
            <SmallButton text={words.openActivity} onClick={() => onOpen('activity')} />
          </>
        }
      />
      <Step
        title={rotate.title}
        text={isLocked ? rotate.locked : rotate.text}
        actions={<SmallButton text={words.openCredentials} onClick={() => onOpen('credentials')} />}
      />
    </>
  );
}

/** What to do when something is wrong, in the order in which it helps (guide: Incident Response). */
export function IncidentCard({
  isLocked,
  isDemo,
  store,
  onOpen,
}: {
  readonly isLocked: boolean;
  readonly isDemo: boolean;
  readonly store: Pick<RouterStore, 'lockDown' | 'ask' | 'listen'>;
  readonly onOpen: (page: Page) => void;
}): ReactElement {
  const [isAsking, setAsking] = useState(false);
  const { state, begin } = useIncidentExport(store);
  const { lock, export: facts, release } = words.steps;
  const lockButton = <SmallButton text={lockdownWords.button} isDangerous onClick={() => setAsking(true)} />;
  const lockText = isLocked ? lock.done : isDemo ? lockdownWords.demo : lock.text;
  return (
    <Card title={words.title}>
      <ol className={classes['steps']}>
        <Step
          title={lock.title}
          text={lockText}
          isDone={isLocked}
          {...(!isLocked && !isDemo && { actions: lockButton })}
        />
        <ElsewhereSteps isLocked={isLocked} onOpen={onOpen} />
        <Step
          {...facts}
          actions={<SmallButton text={words.export} isLoading={state.kind === 'running'} onClick={begin} />}
        >
          <ExportOutcome state={state} />
        </Step>
        <Step
          title={release.title}
          text={release.text}
          {...(isLocked && {
            actions: (
              <SmallButton
                text={release.open}
                onClick={() => document.getElementById(LOCKED_CARD_ID)?.querySelector('input')?.focus()}
              />
            ),
          })}
        />
      </ol>
      {isAsking && <LockdownDialog store={store} onClose={() => setAsking(false)} />}
    </Card>
  );
}
