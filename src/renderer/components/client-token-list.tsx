import { Button, Skeleton, TextInput } from '@mantine/core';
import type { ReactElement, SyntheticEvent } from 'react';
import { useCallback, useRef, useState } from 'react';
import type { ClientTokenName, ClientTokenReport, NewClientToken } from '../../shared/ipc/client-app-calls';
import { errorTable } from '../../shared/model/errors';
import type { ErrorCode } from '../../shared/model/errors';
import { codeOf } from '../bridge';
import type { RouterStore } from '../bridge';
import { IconCopy, IconKey } from '../icons';
import type { Notice } from '../notices';
import { clientsTexts } from '../texts/clients';
import { calendarDay } from '../time-words';
import { useAnswer } from '../use-answer';
import viewClasses from '../views/view.module.css';
import { Card } from './card';
import classes from './client-token-list.module.css';
import { Entry, EntryButton, EntryLine, EntryList } from './entry-list';
import { NoticeCard } from './notice-card';

const words = clientsTexts.tokens;
type Fresh = Extract<NewClientToken, { kind: 'added' }>;
type Calls = Pick<RouterStore, 'ask' | 'perform'>;

const problem = (title: string, text: string): Notice => ({
  id: 'client-token',
  tone: 'danger',
  title,
  text,
  nextStep: '',
  details: [],
  page: null,
});
const sentenceOf = (code: ErrorCode): string => `${errorTable[code].text} ${errorTable[code].nextStep}`;

/** Puts selected text on the clipboard; the page may not use the clipboard itself (every permission is denied). */
function copySelected(field: HTMLInputElement | null): boolean {
  field?.select();
  return document.execCommand('copy'); // eslint-disable-line @typescript-eslint/no-deprecated -- the one way that needs no permission
}

/** The one time that a token can be seen. */
function FreshToken({
  token,
  onForget,
}: {
  readonly token: Fresh;
  readonly onForget: () => void;
}): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <div className={classes['fresh']} data-tone="info" role="group" aria-label={words.newTitle(token.name)}>
      <p className={classes['title']}>{words.newTitle(token.name)}</p>
      <p className={classes['text']}>{words.newText}</p>
      <div className={classes['value']}>
        <TextInput
          className={classes['field']}
          ref={field}
          label={words.newLabel(token.name)}
          value={token.value}
          readOnly
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button
          leftSection={<IconCopy size={16} stroke={1.8} aria-hidden />}
          onClick={() => setCopied(copySelected(field.current))}
        >
          {words.copy}
        </Button>
        <Button variant="default" onClick={onForget}>
          {words.forget}
        </Button>
      </div>
      <p className={viewClasses['note']} role="status">
        {copied === null ? '' : copied ? words.copied : words.notCopied}
      </p>
    </div>
  );
}

function AddToken({ onAdd }: { readonly onAdd: (name: string) => Promise<boolean> }): ReactElement {
  const [name, setName] = useState('');
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (await onAdd(name.trim())) setName('');
  };
  return (
    <form className={classes['add']} onSubmit={(event) => void submit(event)}>
      <TextInput
        className={classes['name']}
        label={words.name}
        value={name}
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={name.trim() === ''}>
        {words.add}
      </Button>
    </form>
  );
}

function Token({
  token: { name, createdAt },
  onRevoke,
}: {
  readonly token: ClientTokenName;
  readonly onRevoke: (name: string) => void;
}): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Entry
      icon={<IconKey size={20} stroke={1.6} />}
      title={name}
      actions={
        isAsking ? (
          <>
            <EntryButton text={words.keep} label={words.keep} onClick={() => setIsAsking(false)} />
            <EntryButton
              text={words.revokeNow}
              label={words.revokeNow}
              isNextStep
              onClick={() => onRevoke(name)}
            />
          </>
        ) : (
          <EntryButton text={words.revoke} label={words.revokeWho(name)} onClick={() => setIsAsking(true)} />
        )
      }
    >
      <EntryLine>{words.made(calendarDay(Date.parse(createdAt)))}</EntryLine>
      {isAsking && (
        <EntryLine kind="remark" tone="warning">
          {words.revokeSure}
        </EntryLine>
      )}
    </Entry>
  );
}

function Tokens({
  report,
  onRevoke,
}: {
  readonly report: Extract<ClientTokenReport, { kind: 'on' }>;
  readonly onRevoke: (name: string) => void;
}): ReactElement {
  return (
    <>
      <p className={viewClasses['note']}>{words.intro(report.url)}</p>
      {report.tokens.length === 0 ? (
        <p className={viewClasses['note']}>{words.none}</p>
      ) : (
        <div className={classes['list']}>
          <EntryList label={words.title}>
            {report.tokens.map((token) => (
              <Token key={token.name} token={token} onRevoke={onRevoke} />
            ))}
          </EntryList>
        </div>
      )}
    </>
  );
}

/** Programs that come over HTTP, each with a token that is shown once and can be revoked alone. */
export function ClientTokenList({ store }: { readonly store: Calls }): ReactElement {
  const question = useCallback(() => store.ask('client-tokens.list'), [store]);
  const { answer, askAgain } = useAnswer(question);
  const [fresh, setFresh] = useState<Fresh | null>(null);
  const [failure, setFailure] = useState<Notice | null>(null);
  const add = async (name: string): Promise<boolean> => {
    const made = await store
      .ask('client-tokens.add', { name })
      .catch((error: unknown): NewClientToken => ({ kind: 'refused', problem: sentenceOf(codeOf(error)) }));
    setFresh(made.kind === 'added' ? made : null);
    setFailure(made.kind === 'added' ? null : problem(words.notAdded, made.problem));
    await askAgain();
    return made.kind === 'added';
  };
  const revoke = async (name: string): Promise<void> => {
    const result = await store.perform('client-tokens.revoke', { name });
    setFailure(result.ok ? null : problem(words.notRevoked, result.message));
    if (fresh?.name === name) setFresh(null);
    await askAgain();
  };
  const report = answer.kind === 'ready' ? answer.value : null;
  return (
    <Card title={words.title}>
      {answer.kind === 'loading' && <Skeleton height={48} aria-hidden />}
      {answer.kind === 'failed' && <NoticeCard notice={problem(words.failed, sentenceOf(answer.code))} />}
      {report?.kind === 'off' && <p className={viewClasses['note']}>{words.off}</p>}
      {report?.kind === 'unusable' && <NoticeCard notice={problem(words.failed, report.problem)} />}
      {report?.kind === 'on' && (
        <>
          <Tokens report={report} onRevoke={(name) => void revoke(name)} />
          {fresh !== null && <FreshToken key={fresh.value} token={fresh} onForget={() => setFresh(null)} />}
          <AddToken onAdd={add} />
        </>
      )}
      {failure !== null && (
        <div role="alert">
          <NoticeCard notice={failure} />
        </div>
      )}
    </Card>
  );
}
