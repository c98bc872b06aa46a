import { Button, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useState } from 'react';
import type { CommandResult } from '../../shared/ipc/contract';
import { RELEASE_WORD, type Lockdown } from '../../shared/model/lockdown';
import { postureTitles, type PosturePoint, type PostureReport } from '../../shared/model/posture';
import type { RouterStore } from '../bridge';
import { Card } from '../components/card';
import eventClasses from '../components/event-list.module.css';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '../icons';
import { texts } from '../texts';
import classes from './view.module.css';

const words = texts.security;
type Commands = Pick<RouterStore, 'posture' | 'lockDown' | 'releaseLockdown'>;

const icons = { pass: IconCircleCheck, warn: IconAlertTriangle, fail: IconCircleX } as const;
const tones = { pass: 'good', warn: 'warning', fail: 'danger' } as const;

function Point({ point }: { readonly point: PosturePoint }): ReactElement {
  const { id, verdict, evidence, fix } = point;
  const Icon = icons[verdict];
  return (
    <li className={eventClasses['line']} data-tone={tones[verdict]}>
      <Icon
        className={eventClasses['icon']}
        size={18}
        stroke={1.8}
        role="img"
        aria-label={words.verdict[verdict]}
      />
      <div className={eventClasses['words']}>
        <span className={eventClasses['title']}>{postureTitles[id]}</span>
        <span className={eventClasses['detail']}>{evidence}</span>
        {fix !== null && <span className={eventClasses['detail']}>{words.fix(fix)}</span>}
      </div>
    </li>
  );
}

function Checklist({ report }: { readonly report: PostureReport | null }): ReactElement {
  if (report === null) return <p className={classes['note']}>{words.checking}</p>;
  const lines = report.kind === 'no-config' ? [words.noConfig, ...report.problems] : [];
  if (report.kind === 'no-config') {
    return (
      <div>
        {lines.map((line) => (
          <p key={line} className={classes['note']}>
            {line}
          </p>
        ))}
      </div>
    );
  }
  return (
    <ul className={eventClasses['list']}>
      {report.points.map((point) => (
        <Point key={point.id} point={point} />
      ))}
    </ul>
  );
}

function LockdownControl({
  lockdown,
  store,
}: {
  readonly lockdown: Lockdown | null;
  readonly store: Commands;
}): ReactElement {
  const [word, setWord] = useState('');
  const [failure, setFailure] = useState('');
  const act = async (command: Promise<CommandResult>): Promise<void> => {
    const result = await command;
    setFailure(result.ok ? '' : result.message);
    setWord('');
  };
  const since = lockdown?.since ?? null;
  const problem = lockdown?.problem ?? null;
  return (
    <Card title={words.lockdown}>
      <p className={classes['note']}>{lockdown === null ? words.lockdownText : words.lockedText}</p>
      {since !== null && <p className={classes['note']}>{words.since(new Date(since).toLocaleString())}</p>}
      {problem !== null && <p className={classes['note']}>{problem}</p>}
      {lockdown === null ? (
        <Button mt="sm" variant="default" onClick={() => void act(store.lockDown())}>
          {words.lockDown}
        </Button>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void act(store.releaseLockdown(word));
          }}
        >
          <TextInput
            mt="sm"
            label={words.typeWord(RELEASE_WORD)}
            value={word}
            onChange={(event) => setWord(event.currentTarget.value)}
          />
          <Button mt="sm" type="submit" variant="default" disabled={word !== RELEASE_WORD}>
            {words.release}
          </Button>
        </form>
      )}
      {failure !== '' && (
        <p className={classes['note']} role="alert">
          {failure}
        </p>
      )}
    </Card>
  );
}

/** The hardening checklist, and what stops everything. */
export function Security({
  lockdown,
  store,
}: {
  readonly lockdown: Lockdown | null;
  readonly store: Commands;
}): ReactElement {
  const [report, setReport] = useState<PostureReport | null>(null);
  useEffect(() => {
    let isWanted = true;
    void store.posture().then((found) => {
      if (isWanted) setReport(found);
    });
    return () => {
      isWanted = false;
    };
  }, [store]);
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.security}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      <LockdownControl lockdown={lockdown} store={store} />
      <Card title={words.checklist}>
        <Checklist report={report} />
      </Card>
    </div>
  );
}
