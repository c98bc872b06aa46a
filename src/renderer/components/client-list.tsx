import { Button } from '@mantine/core';
import { IconTerminal2, IconUsers } from '../icons';
import type { ReactElement } from 'react';
import type { ConnectionState, SessionStatus } from '../../shared/model/status';
import { texts } from '../texts';
import { durationWords } from '../time-words';
import { Card } from './card';
import classes from './client-list.module.css';
import { EmptyState } from './empty-state';

const words = texts.clients;

const laneTone: Readonly<Record<ConnectionState['name'], string>> = {
  idle: 'idle',
  closing: 'idle',
  connecting: 'busy',
  connected: 'good',
  waiting: 'warning',
  failed: 'danger',
};

/** What can be done about a client. */
export type ClientAction =
  | { readonly kind: 'disconnect'; readonly session: string }
  | { readonly kind: 'block' | 'unblock'; readonly name: string };

interface ListActions {
  readonly onAction: (action: ClientAction) => void;
}

/** How busy a client is, in words. */
function loadWords({ requests, failures, inFlight, queued }: SessionStatus): string {
  return [
    words.requests(requests.toLocaleString()),
    ...(failures > 0 ? [words.failures(failures)] : []),
    ...(inFlight > 0 ? [words.inFlight(inFlight)] : []),
    ...(queued > 0 ? [words.queued(queued)] : []),
  ].join(', ');
}

function Action({
  text,
  label,
  onClick,
}: {
  readonly text: string;
  /** Says whom it is about to those who cannot see the row. */
  readonly label: string;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <Button size="compact-sm" variant="default" aria-label={label} onClick={onClick}>
      {text}
    </Button>
  );
}

function Client({
  session,
  now,
  onAction,
}: ListActions & { readonly session: SessionStatus; readonly now: number }): ReactElement {
  const { id, clientName: name, door, owner, openedAt, connection } = session;
  const who = name ?? words.unnamed;
  return (
    <li className={classes['client']}>
      <IconTerminal2 className={classes['icon']} size={20} stroke={1.6} aria-hidden />
      <div className={classes['who']}>
        <span className={classes['name']}>{who}</span>
        <span className={classes['soft']}>
          {words.door[door]}
          {owner === null ? '' : ` ${words.owner(owner)}`}, {words.attachedFor(durationWords(now - openedAt))}
        </span>
      </div>
      <span className={classes['soft']}>{loadWords(session)}</span>
      <span className={classes['lane']} data-tone={laneTone[connection.name]}>
        {words.lane[connection.name]}
      </span>
      <span className={classes['actions']}>
        <Action
          text={words.disconnect}
          label={words.disconnectWho(who)}
          onClick={() => onAction({ kind: 'disconnect', session: id })}
        />
        {name !== null && (
          <Action
            text={words.block}
            label={words.blockWho(name)}
            onClick={() => onAction({ kind: 'block', name })}
          />
        )}
      </span>
    </li>
  );
}

function Blocked({ name, onAction }: ListActions & { readonly name: string }): ReactElement {
  return (
    <li className={classes['client']}>
      <IconTerminal2 className={classes['icon']} size={20} stroke={1.6} aria-hidden />
      <span className={classes['who']}>
        <span className={classes['name']}>{name}</span>
      </span>
      <span className={classes['lane']} data-tone="danger">
        {words.blocked}
      </span>
      <span className={classes['actions']}>
        <Action
          text={words.unblock}
          label={words.unblockWho(name)}
          onClick={() => onAction({ kind: 'unblock', name })}
        />
      </span>
    </li>
  );
}

/** The programs that use the router right now, and those that may not. */
export function ClientList({
  sessions,
  blocked,
  now,
  onAction,
}: ListActions & {
  readonly sessions: readonly SessionStatus[];
  readonly blocked: readonly string[];
  readonly now: number;
}): ReactElement {
  return (
    <Card title={words.title}>
      {sessions.length === 0 ? (
        <EmptyState icon={<IconUsers size={26} stroke={1.5} />} title={words.none} text={words.noneText} />
      ) : (
        <p className={classes['soft']}>{words.claimed}</p>
      )}
      {sessions.length + blocked.length > 0 && (
        <ul className={classes['list']}>
          {sessions.map((session) => (
            <Client key={session.id} session={session} now={now} onAction={onAction} />
          ))}
          {blocked.map((name) => (
            <Blocked key={name} name={name} onAction={onAction} />
          ))}
        </ul>
      )}
    </Card>
  );
}
