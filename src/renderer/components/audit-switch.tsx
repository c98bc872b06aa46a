import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useState } from 'react';
import type { RouterStore } from '../bridge';
import { IconFileCheck } from '../icons';
import { auditTexts } from '../texts/audit';
import classes from './audit-switch.module.css';
import { EmptyState } from './empty-state';

const words = auditTexts.off;

/** Says what the audit log is, and switches it on. */
export function AuditSwitch({
  store,
  isConfigured,
  hasRecords,
  onSwitched,
}: {
  readonly store: Pick<RouterStore, 'perform'>;
  /** Without a configuration there is nothing to write the switch into. */
  readonly isConfigured: boolean;
  /** There are records from before. */
  readonly hasRecords: boolean;
  readonly onSwitched: () => void;
}): ReactElement {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const switchOn = async (): Promise<void> => {
    setBusy(true);
    const result = await store.perform('audit.enable');
    setBusy(false);
    setFailure(result.ok ? '' : `${words.failed}: ${result.message}`);
    if (result.ok) onSwitched();
  };
  return (
    <section className={classes['off']} aria-label={words.title} data-compact={hasRecords}>
      {hasRecords ? (
        <p className={classes['text']}>
          <strong>{words.title}.</strong> {words.withOld}
        </p>
      ) : (
        <EmptyState icon={<IconFileCheck size={26} stroke={1.5} />} title={words.title} text={words.text} />
      )}
      {isConfigured ? (
        <Button
          size={hasRecords ? 'xs' : 'sm'}
          variant={hasRecords ? 'default' : 'filled'}
          loading={isBusy}
          onClick={() => void switchOn()}
        >
          {words.switchOn}
        </Button>
      ) : (
        <p className={classes['text']}>{words.notSetUp}</p>
      )}
      {failure !== '' && (
        <p className={classes['failure']} role="alert">
          {failure}
        </p>
      )}
    </section>
  );
}
