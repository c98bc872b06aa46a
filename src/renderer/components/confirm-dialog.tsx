import { Button, Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useState } from 'react';
import type { CommandResult } from '../../shared/ipc/contract';
import { failureNotice } from '../notices';
import { securityTexts } from '../texts/security';
import classes from './client-change-dialog.module.css';
import { NoticeCard } from './notice-card';

const look = {
  content: classes['content'] ?? '',
  header: classes['header'] ?? '',
  title: classes['heading'] ?? '',
  body: classes['inner'] ?? '',
};

function Buttons({
  confirm,
  isDangerous,
  isBusy,
  onConfirm,
  onClose,
}: {
  /** Null: there is nothing to confirm. */
  readonly confirm: string | null;
  readonly isDangerous: boolean;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}): ReactElement {
  return (
    <div className={classes['buttons']}>
      <Button variant="default" data-autofocus onClick={onClose} disabled={isBusy}>
        {securityTexts.cancel}
      </Button>
      {confirm !== null && (
        <Button {...(isDangerous && { color: 'red.9' })} loading={isBusy} onClick={onConfirm}>
          {confirm}
        </Button>
      )}
    </div>
  );
}

const frame = {
  centered: true,
  size: 'md',
  // Its way to hold the page still is a style sheet that the content security policy refuses.
  lockScroll: false,
  classNames: look,
  closeButtonProps: { 'aria-label': securityTexts.close },
};

/** Says what will be done, asks, and does it; stays open with the reason where that did not work. */
export function ConfirmDialog({
  title,
  confirm,
  isDangerous = false,
  perform,
  onDone,
  onClose,
  children,
}: {
  readonly title: string;
  /** The words of the button that does it. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** Null: nothing can be confirmed yet, or any more. */
  readonly perform: (() => Promise<CommandResult>) | null;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactElement {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Extract<CommandResult, { ok: false }> | null>(null);
  const act = async (): Promise<void> => {
    if (perform === null) return;
    setBusy(true);
    const result = await perform();
    setBusy(false);
    if (result.ok) onDone();
    else setFailure(result);
  };
  return (
    <Modal
      opened
      title={title}
      onClose={onClose}
      closeOnClickOutside={!isBusy}
      closeOnEscape={!isBusy}
      {...frame}
    >
      <div className={classes['body']}>
        {children}
        {failure !== null && (
          <div role="alert">
            <NoticeCard notice={failureNotice(failure)} />
          </div>
        )}
        <Buttons
          confirm={perform === null ? null : confirm}
          isDangerous={isDangerous}
          isBusy={isBusy}
          onConfirm={() => void act()}
          onClose={onClose}
        />
      </div>
    </Modal>
  );
}
