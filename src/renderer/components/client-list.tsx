import { IconTerminal2, IconUsers } from '../icons';
import type { ReactElement } from 'react';
import type { ConnectionState, SessionStatus } from '../../shared/model/status';
import type { ClientAction } from '../client-action';
import { texts } from '../texts';
import { durationWords } from '../time-words';
import { Card } from './card';
import viewClasses from '../views/view.module.css';
import { EmptyState } from './empty-state';
import { Entry, EntryButton, EntryLine, EntryList, type EntryTag } from './entry-list';

const words = texts.clients;

const laneTone: Readonly<Record<ConnectionState['name'], EntryTag['tone']>> = {
  idle: 'idle',
  closing: 'idle',
  connecting: 'busy',
  connected: 'good',
  waiting: 'warning',
  failed: 'danger',
};

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

function Client({
  session,
  now,
  onAction,
}: ListActions & { readonly session: SessionStatus; readonly now: number }): ReactElement {
  const { id, clientName: name, door, owner, openedAt, connection } = session;
  const who = name ?? words.unnamed;
  return (
    <Entry
      icon={<IconTerminal2 size={20} stroke={1.6} />}
      title={who}
      tag={{ tone: laneTone[connection.name], text: words.lane[connection.name] }}
      actions={
        <>
          <EntryButton
            text={words.disconnect}
            label={words.disconnectWho(who)}
            onClick={() => onAction({ kind: 'disconnect', session: id })}
          />
          {name !== null && (
            <EntryButton
              text={words.block}
              label={words.blockWho(name)}
              onClick={() => onAction({ kind: 'block', name })}
            />
          )}
        </>
      }
    >
      <EntryLine>
        {words.door[door]}
        {owner === null ? '' : ` ${words.owner(owner)}`}, {words.attachedFor(durationWords(now - openedAt))}
      </EntryLine>
      <EntryLine>{loadWords(session)}</EntryLine>
    </Entry>
  );
}

function Blocked({ name, onAction }: ListActions & { readonly name: string }): ReactElement {
  return (
    <Entry
      icon={<IconTerminal2 size={20} stroke={1.6} />}
      title={name}
      tag={{ tone: 'danger', text: words.blocked }}
      actions={
        <EntryButton
          text={words.unblock}
          label={words.unblockWho(name)}
          onClick={() => onAction({ kind: 'unblock', name })}
        />
      }
    />
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
        <p className={viewClasses['note']}>{words.claimed}</p>
      )}
      {sessions.length + blocked.length > 0 && (
        <EntryList>
          {sessions.map((session) => (
            <Client key={session.id} session={session} now={now} onAction={onAction} />
          ))}
          {blocked.map((name) => (
            <Blocked key={name} name={name} onAction={onAction} />
          ))}
        </EntryList>
      )}
    </Card>
  );
}
