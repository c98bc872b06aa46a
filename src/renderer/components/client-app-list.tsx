import { Button, Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ClientAction, ClientRow, ClientState } from '../../shared/model/client-apps';
import { assertNever } from '../../shared/model/errors';
import { IconApps, IconRefresh } from '../icons';
import { unansweredNotice } from '../notices';
import { clientsTexts } from '../texts/clients';
import type { Answer } from '../use-answer';
import viewClasses from '../views/view.module.css';
import { Card } from './card';
import { EmptyState } from './empty-state';
import { Entry, EntryButton, EntryLine, EntryList, type EntryTag } from './entry-list';
import { NoticeCard } from './notice-card';

const words = clientsTexts.apps;

const tones: Readonly<Record<ClientState['kind'], EntryTag['tone']>> = {
  'not-found': 'idle',
  'not-connected': 'idle',
  connected: 'good',
  drifted: 'warning',
  'name-taken': 'idle',
  unusable: 'danger',
};

/** Which element the focus returns to after a dialog about this client. */
export const entryIdOf = (id: ClientRow['id']): string => `client-app-${id}`;

function StateLine({ row: { state, name } }: { readonly row: ClientRow }): ReactElement | null {
  switch (state.kind) {
    case 'not-found':
    case 'not-connected':
      return null;
    case 'connected':
      return <EntryLine>{state.by === 'us' ? words.connectedAs(name) : words.byHand(name)}</EntryLine>;
    case 'name-taken':
      return <EntryLine>{words.nameTaken(name)}</EntryLine>;
    case 'drifted':
      return (
        <EntryLine kind="remark" tone="warning">
          {words.drift[state.change](name)}
        </EntryLine>
      );
    case 'unusable':
      return (
        <>
          <EntryLine kind="remark" tone="danger">
            {words.unusable(state.problem)}
          </EntryLine>
          <EntryLine>{words.unusableNextStep}</EntryLine>
        </>
      );
    default:
      return assertNever(state);
  }
}

const needsCare = ({ state }: ClientRow): boolean => state.kind === 'drifted' || state.kind === 'unusable';

function summaryOf(rows: readonly ClientRow[]): string {
  const found = rows.filter(({ state }) => state.kind !== 'not-found');
  const connected = found.filter(({ state }) => state.kind === 'connected');
  const care = found.filter(needsCare);
  const sentence = words.summary(connected.length, found.length);
  return care.length === 0 ? sentence : `${sentence} ${words.needCare(care.length)}`;
}

interface ListActions {
  readonly onAction: (action: ClientAction, row: ClientRow) => void;
}

function ClientApp({ row, onAction }: ListActions & { readonly row: ClientRow }): ReactElement {
  const { id, title, state, path, remarks, actions } = row;
  const isAsked = state.kind === 'drifted';
  return (
    <Entry
      id={entryIdOf(id)}
      icon={<IconApps size={20} stroke={1.6} />}
      title={title}
      tag={{ tone: tones[state.kind], text: words.tag[state.kind] }}
      actions={actions.map((action, index) => (
        <EntryButton
          key={action}
          text={words.action[action]}
          label={words.actionWho[action](title)}
          isNextStep={isAsked && index === 0}
          onClick={() => onAction(action, row)}
        />
      ))}
    >
      <StateLine row={row} />
      {path !== null && <EntryLine kind="path">{path}</EntryLine>}
      {remarks.map((remark) => (
        <EntryLine key={remark} kind="remark" tone="warning">
          {remark}
        </EntryLine>
      ))}
    </Entry>
  );
}

function Rows({ rows, onAction }: ListActions & { readonly rows: readonly ClientRow[] }): ReactElement {
  const found = rows.filter(({ state }) => state.kind !== 'not-found');
  const others = rows.filter(({ state }) => state.kind === 'not-found').map(({ title }) => title);
  return (
    <>
      <p className={viewClasses['note']} role="status" hidden={found.length === 0}>
        {found.length > 0 && summaryOf(rows)}
      </p>
      {found.length === 0 ? (
        <EmptyState
          icon={<IconApps size={26} stroke={1.5} />}
          title={words.summary(0, 0)}
          text={words.noneText}
        />
      ) : (
        <EntryList label={words.title}>
          {found.map((row) => (
            <ClientApp key={row.id} row={row} onAction={onAction} />
          ))}
        </EntryList>
      )}
      {found.length > 0 && others.length > 0 && (
        <p className={viewClasses['note']}>{words.notFound(others.join(', '))}</p>
      )}
    </>
  );
}

/** The MCP clients of this machine: found or not, connected or not, and what to do about it. */
export function ClientAppList({
  answer,
  onLookAgain,
  onAction,
}: ListActions & {
  readonly answer: Answer<readonly ClientRow[]>;
  readonly onLookAgain: () => void;
}): ReactElement {
  return (
    <Card
      title={words.title}
      aside={
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconRefresh size={15} stroke={1.8} aria-hidden />}
          onClick={onLookAgain}
        >
          {words.lookAgain}
        </Button>
      }
    >
      {answer.kind === 'loading' && <Skeleton height={160} role="status" aria-label={words.looking} />}
      {answer.kind === 'failed' && <NoticeCard notice={unansweredNotice(words.failed, answer.code)} />}
      {answer.kind === 'ready' && <Rows rows={answer.value} onAction={onAction} />}
    </Card>
  );
}
