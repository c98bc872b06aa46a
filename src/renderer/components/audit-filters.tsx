import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useState } from 'react';
import { auditOutcomes, auditTopics } from '../../shared/model/audit-filter';
import { auditTimes, emptyDraft, furtherCount, isNarrowed, type AuditDraft } from '../audit-draft';
import { IconSearch } from '../icons';
import { auditTexts as words } from '../texts/audit';
import classes from './audit-filters.module.css';

/** The bound of the payload (main/ipc/payloads/audit-payloads.ts). */
const MAX_SEARCH_LENGTH = 200;

interface FieldProps {
  readonly draft: AuditDraft;
  readonly onChange: (draft: AuditDraft) => void;
}

/** One of the offered words. */
function Choice<Value extends string>({
  label,
  value,
  values,
  names,
  onChange,
}: {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly Value[];
  readonly names: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}): ReactElement {
  return (
    <NativeSelect
      className={classes['choice']}
      size="sm"
      aria-label={label}
      value={value}
      data={values.map((each) => ({ value: each, label: names[each] }))}
      onChange={({ currentTarget }) => {
        const chosen = values.find((each) => each === currentTarget.value);
        if (chosen !== undefined) onChange(chosen);
      }}
    />
  );
}

function Choices({ draft, onChange }: FieldProps): ReactElement {
  return (
    <>
      <Choice
        label={words.topic}
        value={draft.topic}
        values={['any', ...auditTopics]}
        names={words.topics}
        onChange={(topic) => onChange({ ...draft, topic })}
      />
      <Choice
        label={words.outcome}
        value={draft.outcome}
        values={auditOutcomes}
        names={words.outcomes}
        onChange={(outcome) => onChange({ ...draft, outcome })}
      />
      <Choice
        label={words.when}
        value={draft.when}
        values={auditTimes}
        names={words.times}
        onChange={(when) => onChange({ ...draft, when })}
      />
    </>
  );
}

function Further({ draft, onChange }: FieldProps): ReactElement {
  const field = (key: 'client' | 'method' | 'requestId', label: string, hint: string): ReactElement => (
    <TextInput
      size="sm"
      label={label}
      placeholder={hint}
      maxLength={MAX_SEARCH_LENGTH}
      value={draft[key]}
      onChange={({ currentTarget }) => onChange({ ...draft, [key]: currentTarget.value })}
    />
  );
  return (
    <>
      {field('client', words.client, words.clientHint)}
      {field('method', words.method, words.methodHint)}
      {field('requestId', words.requestId, words.requestIdHint)}
    </>
  );
}

function Range({ draft, onChange }: FieldProps): ReactElement {
  const field = (key: 'from' | 'until', label: string): ReactElement => (
    <TextInput
      type="datetime-local"
      size="sm"
      label={label}
      value={draft[key]}
      onChange={({ currentTarget }) => onChange({ ...draft, [key]: currentTarget.value })}
    />
  );
  return (
    <>
      {field('from', words.from)}
      {field('until', words.until)}
    </>
  );
}

/** What the person asks for. */
export function AuditFilters({
  draft,
  onChange,
  found,
}: FieldProps & {
  /** What was found with it, in words. */
  readonly found: ReactNode;
}): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const further = furtherCount(draft);
  return (
    <div className={classes['filters']} role="search">
      <div className={classes['row']}>
        <TextInput
          className={classes['search']}
          size="sm"
          type="search"
          aria-label={words.search}
          placeholder={words.searchHint}
          leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
          maxLength={MAX_SEARCH_LENGTH}
          value={draft.text}
          onChange={({ currentTarget }) => onChange({ ...draft, text: currentTarget.value })}
        />
        <Choices draft={draft} onChange={onChange} />
      </div>
      {(isOpen || draft.when === 'range') && (
        <div className={classes['row']}>
          {draft.when === 'range' && <Range draft={draft} onChange={onChange} />}
          {isOpen && <Further draft={draft} onChange={onChange} />}
        </div>
      )}
      <div className={classes['ends']}>
        {found}
        <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {`${isOpen ? words.less : words.more}${further > 0 && !isOpen ? ` (${further})` : ''}`}
        </Button>
        {isNarrowed(draft) && (
          <Button size="compact-sm" variant="subtle" onClick={() => onChange(emptyDraft)}>
            {words.clear}
          </Button>
        )}
      </div>
    </div>
  );
}
