import { useCallback, useEffect, useState } from 'react';
import type { AuditView } from '../shared/ipc/audit-calls';
import type { AuditFilter } from '../shared/model/audit-filter';
import { errorTable } from '../shared/model/errors';
import { AuditRows } from './audit-rows';
import { codeOf, type RouterStore } from './bridge';

/** How often new records are looked for while the page is open. */
const GROWTH_PERIOD_MS = 1000;

/** The log as the page has it. */
export type AuditLog =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'ready'; readonly view: AuditView; readonly rows: AuditRows };

type Calls = Pick<RouterStore, 'ask' | 'listen'>;

/** Looks at the log through the filter, and follows what is added. While it looks anew, the look before stays. */
export function useAuditLog(
  store: Calls,
  filter: AuditFilter,
): { readonly log: AuditLog; readonly isLooking: boolean; readonly lookAgain: () => void } {
  const [log, setLog] = useState<AuditLog>({ kind: 'loading' });
  const [turn, setTurn] = useState(0);
  const [answered, setAnswered] = useState<{ filter: AuditFilter; turn: number } | null>(null);
  const lookAgain = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    let isWanted = true;
    void looked(store, filter, lookAgain).then((next) => {
      if (!isWanted) return;
      setAnswered({ filter, turn });
      if (next !== null) setLog(next);
    });
    return () => {
      isWanted = false;
    };
  }, [store, filter, turn, lookAgain]);

  useGrowth(store, log.kind === 'ready' ? log.view.view : null, { setLog, lookAgain });
  useEffect(
    () =>
      store.listen('events.added', (events) => {
        if (events.some(({ kind }) => kind === 'config-applied')) lookAgain();
      }),
    [store, lookAgain],
  );
  const isLooking = answered === null || answered.filter !== filter || answered.turn !== turn;
  return { log, isLooking, lookAgain };
}

/** Null when it was ended before its time. */
async function looked(store: Calls, filter: AuditFilter, lookAgain: () => void): Promise<AuditLog | null> {
  try {
    const look = await store.ask('audit.look', filter);
    if (look.kind === 'ended') return null;
    if (look.kind === 'unreadable') return look;
    const { view } = look;
    const rows = new AuditRows((from, count) => store.ask('audit.page', { view, from, count }), lookAgain);
    return { kind: 'ready', view: look, rows };
  } catch (error) {
    return { kind: 'unreadable', message: errorTable[codeOf(error)].text };
  }
}

function useGrowth(
  store: Calls,
  view: number | null,
  {
    setLog,
    lookAgain,
  }: {
    readonly setLog: (change: (before: AuditLog) => AuditLog) => void;
    readonly lookAgain: () => void;
  },
): void {
  useEffect(() => {
    if (view === null) return;
    let isAsking = false;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      if (isAsking || document.hidden) return;
      isAsking = true;
      // What goes wrong here goes wrong when looking anew as well, and is said there.
      const growth = await store.ask('audit.grown', { view }).catch(() => null);
      isAsking = false;
      if (!isWanted) return;
      if (growth?.kind !== 'grown') lookAgain();
      else setLog((before) => grown(before, view, growth));
    };
    const timer = setInterval(() => void ask(), GROWTH_PERIOD_MS);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [store, view, setLog, lookAgain]);
}

function grown(
  before: AuditLog,
  view: number,
  { total, matching }: Pick<AuditView, 'total' | 'matching'>,
): AuditLog {
  if (before.kind !== 'ready' || before.view.view !== view) return before;
  const isSame = before.view.total === total && before.view.matching === matching;
  return isSame ? before : { ...before, view: { ...before.view, total, matching } };
}
