import { Button, Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useEffect, useRef } from 'react';
import type { DiffLine, SettingsOutcome } from '../../shared/ipc/settings-calls';
import type { SettingsReview as Review } from '../settings-state';
import { texts } from '../texts';
import { settingWords } from '../texts/setting-words';
import { settingsTexts as words } from '../texts/settings';
import viewClasses from '../views/view.module.css';
import { Card } from './card';
import classes from './settings-review.module.css';

const signs = { same: ' ', removed: '−', added: '+', gap: '' } as const;

function Line({ line }: { readonly line: DiffLine }): ReactElement {
  if (line.kind === 'gap') {
    return (
      <li className={classes['gap']} aria-hidden>
        ...
      </li>
    );
  }
  const spoken = line.kind === 'same' ? null : words[line.kind];
  return (
    <li className={classes['line']} data-kind={line.kind}>
      <span className={classes['number']} aria-hidden>
        {line.line}
      </span>
      <span className={classes['sign']} aria-hidden>
        {signs[line.kind]}
      </span>
      {spoken !== null && <span className={classes['spoken']}>{`${spoken}: `}</span>}
      <code>{line.text}</code>
    </li>
  );
}

function Difference({ lines }: { readonly lines: readonly DiffLine[] }): ReactElement {
  if (lines.length === 0) return <p className={viewClasses['note']}>{words.noDifference}</p>;
  const hasComment = lines.some(({ text }) => text.includes('# ...'));
  return (
    <>
      <ol className={classes['lines']} aria-label={words.difference}>
        {lines.map((line) => (
          <Line key={`${line.kind} ${line.line}`} line={line} />
        ))}
      </ol>
      {hasComment && <p className={viewClasses['note']}>{words.commentsHidden}</p>}
    </>
  );
}

const titleOf = (path: string): string => settingWords[path]?.[0] ?? path;

/** What took, or will take, effect when. */
export function Outcome({
  outcome,
  isSaved,
}: {
  readonly outcome: SettingsOutcome;
  readonly isSaved: boolean;
}): ReactElement {
  const groups = [
    { title: isSaved ? words.now : words.nowWhenSaved, items: outcome.now.map(titleOf) },
    { title: words.later, items: outcome.atRestart.map(titleOf) },
    {
      title: words.overridden,
      items: outcome.overridden.map(({ path, variable }) => words.overriddenBy(titleOf(path), variable)),
    },
  ].filter(({ items }) => items.length > 0);
  return (
    <dl className={classes['outcome']}>
      {groups.map(({ title, items }) => (
        <div key={title}>
          <dt>{title}</dt>
          {items.map((item) => (
            <dd key={item}>{item}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** What would change in the file, and when it takes effect; nothing is written before a person says so here. */
export function SettingsReview({
  review,
  onBack,
  onSave,
}: {
  readonly review: Review;
  readonly onBack: () => void;
  readonly onSave: () => void;
}): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const from = document.activeElement;
    heading.current?.focus();
    return () => {
      if (from instanceof HTMLElement) from.focus();
    };
  }, []);
  return (
    <div className={viewClasses['view']}>
      <header className={viewClasses['head']}>
        <h1 ref={heading} tabIndex={-1} className={viewClasses['title']}>
          {words.reviewTitle}
        </h1>
        <p className={viewClasses['intro']}>{words.reviewText}</p>
      </header>
      <Card title={words.difference}>
        {review.kind === 'loading' ? (
          <Skeleton height={120} aria-label={texts.loading} />
        ) : (
          <Difference lines={review.preview.lines} />
        )}
      </Card>
      {review.kind !== 'loading' && <Outcome outcome={review.preview.outcome} isSaved={false} />}
      {review.kind !== 'loading' && review.preview.problems.length > 0 && (
        <Card title={words.warningsTitle}>
          <ul className={classes['warnings']}>
            {review.preview.problems.map(({ line, path, message }) => (
              <li key={`${path} ${message}`}>{words.problem(line, path, message)}</li>
            ))}
          </ul>
        </Card>
      )}
      <div className={classes['actions']}>
        <Button loading={review.kind === 'saving'} disabled={review.kind === 'loading'} onClick={onSave}>
          {words.save}
        </Button>
        <Button variant="default" disabled={review.kind === 'saving'} onClick={onBack}>
          {words.back}
        </Button>
      </div>
    </div>
  );
}
