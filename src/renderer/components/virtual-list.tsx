import type { KeyboardEvent, ReactElement, ReactNode, RefObject } from 'react';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import classes from './virtual-list.module.css';

/** Drawn above and below what is seen, so that scrolling finds something there. */
const SPARE_ROWS = 10;
/** Until the real height is known. */
const FIRST_HEIGHT_PX = 480;

/** A list of which only the rows on the screen are drawn. */
export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeightPx: number;
  /** Null when no row is chosen. */
  readonly selected: number | null;
  readonly onSelect: (index: number) => void;
  /** Told which rows are drawn, both included. */
  readonly onRange: (first: number, last: number) => void;
  /** Told when the list comes to its top, and when it leaves it. */
  readonly onTop: (isAtTop: boolean) => void;
  /** Whenever it grows, the list goes back to its top and takes the focus. */
  readonly returns: number;
  readonly row: (index: number) => ReactNode;
}

/** Which rows are drawn, both included; `last` is smaller than `first` when there are none. */
export function drawnRows(
  { topPx, heightPx }: { readonly topPx: number; readonly heightPx: number },
  { count, rowHeightPx }: Pick<VirtualListProps, 'count' | 'rowHeightPx'>,
): { readonly first: number; readonly last: number } {
  const first = Math.max(0, Math.min(count - 1, Math.floor(topPx / rowHeightPx)) - SPARE_ROWS);
  const last = Math.min(count - 1, Math.ceil((topPx + heightPx) / rowHeightPx) + SPARE_ROWS);
  return { first, last };
}

/** Where a key leads; null for keys that lead nowhere. */
export function rowAfterKey(key: string, from: number | null, pageRows: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return from === null ? 0 : from + 1;
    case 'ArrowUp':
      return from === null ? 0 : from - 1;
    case 'PageDown':
      return (from ?? 0) + pageRows;
    case 'PageUp':
      return (from ?? 0) - pageRows;
    case 'Home':
      return 0;
    case 'End':
      return Infinity;
    default:
      return null;
  }
}

/** Follows scrolling and the size of the element. */
function useWindowOn(scroller: RefObject<HTMLDivElement | null>): {
  readonly seen: { readonly topPx: number; readonly heightPx: number };
  readonly onScroll: () => void;
} {
  const [seen, setSeen] = useState({ topPx: 0, heightPx: FIRST_HEIGHT_PX });
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    const measure = (): void => {
      if (current.clientHeight > 0) setSeen((before) => ({ ...before, heightPx: current.clientHeight }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [scroller]);
  const onScroll = (): void => {
    const topPx = Math.max(0, scroller.current?.scrollTop ?? 0);
    setSeen((before) => (before.topPx === topPx ? before : { ...before, topPx }));
  };
  return { seen, onScroll };
}

function Rows({
  id,
  first,
  last,
  count,
  rowHeightPx,
  selected,
  onSelect,
  row,
}: VirtualListProps & { readonly id: string; readonly first: number; readonly last: number }): ReactElement {
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return (
    <>
      {indexes.map((index) => (
        <div
          key={index}
          id={`${id}-${index}`}
          role="option"
          className={classes['row']}
          style={{ height: rowHeightPx, transform: `translateY(${index * rowHeightPx}px)` }}
          aria-selected={index === selected}
          aria-posinset={index + 1}
          aria-setsize={count}
          onClick={() => onSelect(index)}
        >
          {row(index)}
        </div>
      ))}
    </>
  );
}

/** One of many rows can be chosen, with pointer or keys; rows have one fixed height. */
export function VirtualList(props: VirtualListProps): ReactElement {
  const { label, count, rowHeightPx, selected, onSelect, onRange, onTop, returns } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { seen, onScroll } = useWindowOn(scroller);
  const { first, last } = drawnRows(seen, props);
  const isAtTop = seen.topPx === 0;
  useEffect(() => {
    if (last >= first) onRange(first, last);
  }, [first, last, onRange]);
  useEffect(() => onTop(isAtTop), [isAtTop, onTop]);
  useEffect(() => {
    const { current } = scroller;
    if (returns === 0 || current === null) return;
    current.scrollTop = 0;
    current.focus();
  }, [returns]);

  const choose = (index: number): void => {
    const { current } = scroller;
    const target = Math.max(0, Math.min(count - 1, index));
    onSelect(target);
    if (current === null) return;
    const topPx = target * rowHeightPx;
    if (topPx < current.scrollTop) current.scrollTop = topPx;
    else if (topPx + rowHeightPx > current.scrollTop + seen.heightPx)
      current.scrollTop = topPx + rowHeightPx - seen.heightPx;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = rowAfterKey(event.key, selected, Math.max(1, Math.floor(seen.heightPx / rowHeightPx) - 1));
    if (next === null) return;
    event.preventDefault();
    choose(next);
  };
  const isDrawn = selected !== null && selected >= first && selected <= last;
  return (
    <div
      ref={scroller}
      className={classes['scroller']}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      {...(isDrawn ? { 'aria-activedescendant': `${id}-${selected}` } : {})}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={classes['all']} style={{ height: count * rowHeightPx }}>
        <Rows {...props} id={id} first={first} last={last} />
      </div>
    </div>
  );
}
