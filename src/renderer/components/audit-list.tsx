import { Button, VisuallyHidden } from '@mantine/core';
import type { ReactElement } from 'react';
import { memo, useCallback, useState, useSyncExternalStore } from 'react';
import type { AuditRow } from '../../shared/ipc/audit-calls';
import type { AuditRows } from '../audit-rows';
import { auditLine, type AuditLine } from '../audit-words';
import { IconAlertTriangle, IconArrowUp, IconCircleX, IconPoint } from '../icons';
import { auditTexts as words } from '../texts/audit';
import classes from './audit-list.module.css';
import { VirtualList } from './virtual-list';

const ROW_HEIGHT_PX = 52;

const icons: Readonly<Record<AuditLine['tone'], typeof IconPoint>> = {
  idle: IconPoint,
  warning: IconAlertTriangle,
  danger: IconCircleX,
};

const RowLine = memo(function RowLine({ row }: { readonly row: AuditRow | null }): ReactElement {
  if (row === null) return <div className={classes['loading']}>{words.rowLoading}</div>;
  const { tone, title, detail, time, outcome } = auditLine(row);
  const Icon = icons[tone];
  return (
    <div className={classes['line']} data-tone={tone}>
      <Icon className={classes['icon']} size={17} stroke={1.8} aria-hidden />
      <span className={classes['title']}>{title}</span>
      <span className={classes['time']}>{time}</span>
      <VisuallyHidden>{outcome}</VisuallyHidden>
      <span className={classes['detail']}>{detail}</span>
    </div>
  );
});

/** The records, newest first. Those that come while the person is further down wait behind a button. */
export function AuditList({
  matching,
  rows,
  selected,
  onSelect,
}: {
  /** How many there are; they are counted from the oldest. */
  readonly matching: number;
  readonly rows: AuditRows;
  /** Counted from the oldest; null when none is chosen. */
  readonly selected: number | null;
  readonly onSelect: (position: number) => void;
}): ReactElement {
  useSyncExternalStore(rows.subscribe, rows.version);
  const [held, setHeld] = useState<number | null>(null);
  const [returns, setReturns] = useState(0);
  const count = held ?? matching;
  const fresh = matching - count;
  const onRange = useCallback(
    (first: number, last: number) => rows.want(count - 1 - last, count - 1 - first),
    [rows, count],
  );
  const onTop = useCallback(
    (isAtTop: boolean) => setHeld((before) => (isAtTop ? null : (before ?? matching))),
    [matching],
  );
  return (
    <div className={classes['frame']}>
      <VirtualList
        label={words.list}
        count={count}
        rowHeightPx={ROW_HEIGHT_PX}
        selected={selected === null ? null : count - 1 - selected}
        onSelect={(index) => onSelect(count - 1 - index)}
        onRange={onRange}
        onTop={onTop}
        returns={returns}
        row={(index) => <RowLine row={rows.rowAt(count - 1 - index)} />}
      />
      <div className={classes['fresh']} role="status">
        {fresh > 0 && (
          <Button
            size="xs"
            radius="xl"
            leftSection={<IconArrowUp size={14} stroke={2} aria-hidden />}
            onClick={() => setReturns((before) => before + 1)}
          >
            {words.fresh(fresh)}
          </Button>
        )}
      </div>
    </div>
  );
}
