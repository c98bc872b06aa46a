import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SessionStatus } from '../../shared/model/status';
import { texts } from '../texts';
import { overviewTexts } from '../texts/overview';
import { Card } from './card';
import classes from './client-summary.module.css';

const words = overviewTexts.clients;
const MAX_NAMES = 3;

const named = ({ clientName }: SessionStatus): string => clientName ?? texts.clients.unnamed;

function listOf(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES;
  return [...names.slice(0, MAX_NAMES), ...(rest > 0 ? [words.more(rest)] : [])].join(', ');
}

/** Who is attached and busy, in one sentence. */
function whoOf(sessions: readonly SessionStatus[]): string {
  if (sessions.length === 0) return words.noneText;
  const busy = sessions.filter(({ inFlight, queued }) => inFlight + queued > 0);
  if (busy.length === 0) return words.quiet(listOf(sessions.map(named)));
  return words.busy(
    listOf(busy.map((session) => words.busyWith(named(session), session.inFlight + session.queued))),
  );
}

/** The attached clients at a glance; the page "Clients" has the rest. */
export function ClientSummary({
  sessions,
  onOpen,
}: {
  readonly sessions: readonly SessionStatus[];
  readonly onOpen: () => void;
}): ReactElement {
  return (
    <Card title={texts.clients.title}>
      <div className={classes['summary']}>
        <div className={classes['words']}>
          <span className={classes['count']}>
            {sessions.length === 0 ? words.none : words.attached(sessions.length)}
          </span>
          <span className={classes['who']}>{whoOf(sessions)}</span>
        </div>
        <Button variant="default" size="xs" onClick={onOpen}>
          {words.open}
        </Button>
      </div>
    </Card>
  );
}
