import { IconTerminal2, IconUsers } from '../icons';
import type { ReactElement } from 'react';
import type { ConnectionState, SessionStatus } from '../../shared/model/status';
import { texts } from '../texts';
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

/** How busy a client is, in words. */
function loadWords({ requests, inFlight, queued }: SessionStatus): string {
  return [
    words.requests(requests.toLocaleString()),
    ...(inFlight > 0 ? [words.inFlight(inFlight)] : []),
    ...(queued > 0 ? [words.queued(queued)] : []),
  ].join(', ');
}

function Client({ session }: { readonly session: SessionStatus }): ReactElement {
  return (
    <li className={classes['client']}>
      <IconTerminal2 className={classes['icon']} size={20} stroke={1.6} aria-hidden />
      <div className={classes['who']}>
        <span className={classes['name']}>{session.clientName ?? words.unnamed}</span>
        <span className={classes['soft']}>{words.door[session.door]}</span>
      </div>
      <span className={classes['soft']}>{loadWords(session)}</span>
      <span className={classes['lane']} data-tone={laneTone[session.connection.name]}>
        {words.lane[session.connection.name]}
      </span>
    </li>
  );
}

/** The programs that use the router right now. */
export function ClientList({ sessions }: { readonly sessions: readonly SessionStatus[] }): ReactElement {
  return (
    <Card title={words.title}>
      {sessions.length === 0 ? (
        <EmptyState icon={<IconUsers size={26} stroke={1.5} />} title={words.none} text={words.noneText} />
      ) : (
        <ul className={classes['list']}>
          {sessions.map((session) => (
            <Client key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Card>
  );
}
