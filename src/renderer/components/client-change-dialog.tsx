import { Button, Loader, Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { ClientChangeRequest } from '../../shared/ipc/client-app-calls';
import type { ClientPreview, ClientRow } from '../../shared/model/client-apps';
import { assertNever, errorTable } from '../../shared/model/errors';
import type { RouterStore } from '../bridge';
import type { Notice } from '../notices';
import { clientsTexts } from '../texts/clients';
import { useClientChange, type ClientChangeStep } from '../use-client-change';
import classes from './client-change-dialog.module.css';
import { NoticeCard } from './notice-card';

const words = clientsTexts.change;

/** A change of one client's file that a person has asked for. */
export interface WantedChange {
  readonly client: Pick<ClientRow, 'title' | 'name'>;
  readonly request: ClientChangeRequest;
}

const notice = (fields: Pick<Notice, 'id' | 'tone' | 'title' | 'text'> & Partial<Notice>): Notice => ({
  nextStep: '',
  details: [],
  page: null,
  ...fields,
});

function Diff({ preview: { path, diff } }: { readonly preview: ClientPreview }): ReactElement {
  const tone = (line: string): string | undefined =>
    line.startsWith('+ ') ? 'good' : line.startsWith('- ') ? 'danger' : undefined;
  return (
    <div className={classes['diff']} role="group" aria-label={words.diff}>
      <p className={classes['path']}>{path}</p>
      {diff.length === 0 ? (
        <p className={classes['lines']}>
          <span className={classes['line']}>{words.noDiff}</span>
        </p>
      ) : (
        // A long change scrolls, and whoever has no mouse must be able to do that too.
        <pre className={classes['lines']} tabIndex={0} role="region" aria-label={words.diff}>
          {diff.map((line, index) => (
            <span key={`${index} ${line}`} className={classes['line']} data-tone={tone(line)}>
              {line}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}

function Preview({
  preview,
  isRenewed,
}: {
  readonly preview: ClientPreview;
  readonly isRenewed: boolean;
}): ReactElement {
  const { summary, warnings, obstacle } = preview;
  return (
    <>
      {isRenewed && (
        <NoticeCard
          notice={notice({ id: 'renewed', tone: 'warning', title: words.notDone, text: words.renewed })}
        />
      )}
      {obstacle !== null && (
        <NoticeCard
          notice={notice({ id: 'obstacle', tone: 'warning', title: words.obstacle, text: obstacle })}
        />
      )}
      <p className={classes['text']}>{summary}.</p>
      <Diff preview={preview} />
      {warnings.map((warning) => (
        <p key={warning} className={classes['soft']}>
          {warning}
        </p>
      ))}
      <p className={classes['soft']}>{words.kept}</p>
    </>
  );
}

function Outcome({
  step,
  wanted: { client, request },
}: {
  readonly step: Extract<ClientChangeStep, { kind: 'refused' | 'done' | 'failed' }>;
  readonly wanted: WantedChange;
}): ReactElement {
  switch (step.kind) {
    case 'done': {
      const { message, remarks } = step.outcome;
      return (
        <>
          <p className={classes['text']}>{message}</p>
          {remarks.map((remark) => (
            <p key={remark} className={classes['soft']}>
              {remark}
            </p>
          ))}
        </>
      );
    }
    case 'failed': {
      const { text, nextStep } = errorTable[step.code];
      return (
        <NoticeCard
          notice={notice({ id: step.code, tone: 'danger', title: words.notDone, text, nextStep })}
        />
      );
    }
    case 'refused': {
      const { kind, message } = step.refusal;
      if (kind === 'refused' && step.refusal.freeName !== undefined) {
        const title = words.taken.title(request.name ?? client.name);
        const text = words.taken.text(client.title);
        return <NoticeCard notice={notice({ id: 'taken', tone: 'warning', title, text })} />;
      }
      const title = kind === 'nothing-to-do' ? words.nothing : words.notDone;
      const tone = kind === 'nothing-to-do' ? 'info' : 'warning';
      return <NoticeCard notice={notice({ id: kind, tone, title, text: message })} />;
    }
    default:
      return assertNever(step);
  }
}

interface Acts {
  readonly onLook: (request: ClientChangeRequest) => void;
  readonly onConfirm: (ticket: string) => void;
  readonly onClose: () => void;
}

function PreviewButtons({
  step: { ticket, preview },
  request,
  onLook,
  onConfirm,
  onClose,
}: Acts & {
  readonly step: Extract<ClientChangeStep, { kind: 'preview' }>;
  readonly request: ClientChangeRequest;
}): ReactElement {
  return (
    <>
      <Button variant="default" onClick={onClose}>
        {words.cancel}
      </Button>
      {preview.obstacle === null ? (
        <Button onClick={() => onConfirm(ticket)}>{words.confirm[preview.action]}</Button>
      ) : (
        <Button onClick={() => onLook(request)}>{words.tryAgain}</Button>
      )}
    </>
  );
}

function EndButtons({
  step,
  request,
  onLook,
  onClose,
}: Omit<Acts, 'onConfirm'> & {
  readonly step: Extract<ClientChangeStep, { kind: 'refused' | 'done' | 'failed' }>;
  readonly request: ClientChangeRequest;
}): ReactElement {
  const { id } = request;
  const freeName = step.kind === 'refused' && step.refusal.kind === 'refused' && step.refusal.freeName;
  const isNothing = step.kind === 'refused' && step.refusal.kind === 'nothing-to-do';
  const close = (
    <Button variant="default" onClick={onClose}>
      {isNothing ? words.close : words.cancel}
    </Button>
  );
  if (typeof freeName === 'string') {
    return (
      <>
        {close}
        <Button variant="default" onClick={() => onLook({ ...request, mayReplace: true })}>
          {words.taken.replace}
        </Button>
        <Button onClick={() => onLook({ ...request, name: freeName })}>{words.taken.other(freeName)}</Button>
      </>
    );
  }
  if (step.kind !== 'done') {
    return (
      <>
        {close}
        {!isNothing && <Button onClick={() => onLook(request)}>{words.tryAgain}</Button>}
      </>
    );
  }
  return (
    <>
      {request.action !== 'undo' && (
        <Button variant="default" onClick={() => onLook({ action: 'undo', id })}>
          {words.undo}
        </Button>
      )}
      <Button onClick={onClose}>{words.close}</Button>
    </>
  );
}

function Waiting({ text }: { readonly text: string }): ReactElement {
  return (
    <p className={classes['text']} role="status">
      <Loader size="xs" me="xs" aria-hidden />
      {text}
    </p>
  );
}

const dialogLook = {
  content: classes['content'] ?? '',
  header: classes['header'] ?? '',
  title: classes['heading'] ?? '',
  body: classes['inner'] ?? '',
};

const titleOf = ({ client, request }: WantedChange): string =>
  clientsTexts.apps.actionWho[request.action](client.title);

/** Shows the exact change, asks, carries it out and says what came of it; what was done can be undone on the spot. */
export function ClientChangeDialog({
  wanted: first,
  store,
  onDone,
  onClose,
}: {
  readonly wanted: WantedChange;
  readonly store: Pick<RouterStore, 'ask'>;
  readonly onDone: () => void;
  readonly onClose: () => void;
}): ReactElement {
  const [wanted, setWanted] = useState(first);
  const { step, look, confirm } = useClientChange(store, onDone);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => void look(wanted.request), [look, wanted]);
  // The button that was pressed is gone, so what came of it is where a keyboard goes on, and what is read out.
  useEffect(() => body.current?.focus(), [step.kind]);
  const act: Acts = {
    onLook: (request) => setWanted({ ...wanted, request }),
    onConfirm: (ticket) => void confirm(ticket),
    onClose,
  };
  const { request } = wanted;
  let content: ReactNode;
  let buttons: ReactNode = null;
  if (step.kind === 'looking' || step.kind === 'working') {
    content = <Waiting text={words[step.kind]} />;
  } else if (step.kind === 'preview') {
    content = <Preview preview={step.preview} isRenewed={step.isRenewed} />;
    buttons = <PreviewButtons step={step} request={request} {...act} />;
  } else {
    content = <Outcome step={step} wanted={wanted} />;
    buttons = <EndButtons step={step} request={request} {...act} />;
  }
  return (
    <Modal
      opened
      centered
      size="lg"
      title={titleOf(wanted)}
      onClose={onClose}
      closeOnClickOutside={step.kind !== 'working'}
      closeOnEscape={step.kind !== 'working'}
      // Its way to hold the page still is a style sheet that the content security policy refuses.
      lockScroll={false}
      returnFocus={false}
      classNames={dialogLook}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <div className={classes['body']} ref={body} tabIndex={-1} aria-live="polite">
        {content}
        {buttons !== null && <div className={classes['buttons']}>{buttons}</div>}
      </div>
    </Modal>
  );
}
