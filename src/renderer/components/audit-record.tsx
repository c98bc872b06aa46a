import { Button, CloseButton, CopyButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useId } from 'react';
import type { AuditRow } from '../../shared/ipc/audit-calls';
import { auditFields, auditLine, titleWords, type AuditField } from '../audit-words';
import { IconCheck, IconCopy } from '../icons';
import { auditTexts as words } from '../texts/audit';
import classes from './audit-record.module.css';

function Copy({ field }: { readonly field: AuditField }): ReactElement {
  return (
    <CopyButton value={field.value}>
      {({ copied, copy }) => (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={copied ? words.copied : words.copy(field.name)}
          onClick={copy}
        >
          {copied ? (
            <IconCheck size={14} stroke={2} aria-hidden />
          ) : (
            <IconCopy size={14} stroke={1.8} aria-hidden />
          )}
        </Button>
      )}
    </CopyButton>
  );
}

/** One record with all that it says. Everything in it is shown as text and nothing else. */
export function AuditRecord({
  row,
  onClose,
}: {
  /** Null while it is being read. */
  readonly row: AuditRow | null;
  readonly onClose: () => void;
}): ReactElement {
  const id = useId();
  const line = row === null ? null : auditLine(row);
  return (
    <section className={classes['record']} aria-labelledby={id}>
      <header className={classes['head']}>
        <h2 id={id} className={classes['title']}>
          {row?.kind === 'record' ? titleWords(row.record) : words.details}
        </h2>
        <CloseButton aria-label={words.closeDetails} onClick={onClose} />
      </header>
      {row?.kind === 'record' ? (
        <dl className={classes['fields']}>
          {auditFields(row.record).map((field) => (
            <div key={field.id} className={classes['field']}>
              <dt className={classes['name']}>{field.name}</dt>
              <dd className={classes['value']}>
                {field.value}
                {field.isReference && <Copy field={field} />}
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className={classes['text']}>
          {line === null ? words.rowLoading : `${line.title}. ${line.detail}`}
        </p>
      )}
    </section>
  );
}
