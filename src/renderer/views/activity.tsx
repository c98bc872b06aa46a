import { Button, VisuallyHidden } from '@mantine/core';
import type { ReactElement } from 'react';
import { useMemo, useState } from 'react';
import type { Alert } from '../../shared/model/alerts';
import type { RouterEvent } from '../../shared/model/events';
import { MAX_KEPT_EVENTS } from '../../shared/model/kept-events';
import type { Counters } from '../../shared/model/status';
import type { ActivityKind } from '../activity-kind';
import {
  clientsIn,
  filterLines,
  groupLines,
  separateLines,
  showEverything,
  type ActivityFilter,
} from '../activity-view';
import { alertNotice } from '../alert-notice';
import { ActivityFilters } from '../components/activity-filters';
import { Card } from '../components/card';
import { CounterRow } from '../components/counter-row';
import { EmptyState } from '../components/empty-state';
import { EventList } from '../components/event-list';
import { NoticeCard } from '../components/notice-card';
import { eventLines, isProblem, type EventLine } from '../event-line';
import { IconActivity, IconCircleCheck, IconFilter } from '../icons';
import { texts } from '../texts';
import { activityTexts } from '../texts/activity';
import { useHeld } from '../use-held';
import { useNow } from '../use-now';
import classes from './activity.module.css';
import viewClasses from './view.module.css';

const words = texts.activity;
/** As many rows as are drawn; the store keeps more events than that. */
const MAX_ROWS = 200;
const RANGE_TICK_MS = 15_000;

function Nothing({
  hasEvents,
  filter,
}: {
  readonly hasEvents: boolean;
  readonly filter: ActivityFilter;
}): ReactElement {
  if (!hasEvents) {
    return (
      <EmptyState icon={<IconActivity size={26} stroke={1.5} />} title={words.none} text={words.noneText} />
    );
  }
  const isCalm =
    filter.isProblemsOnly && filter.client === null && filter.range === 'all' && filter.kind === 'all';
  return isCalm ? (
    <EmptyState
      icon={<IconCircleCheck size={26} stroke={1.5} />}
      title={words.noProblems}
      text={words.noProblemsText}
    />
  ) : (
    <EmptyState
      icon={<IconFilter size={26} stroke={1.5} />}
      title={activityTexts.noMatch}
      text={activityTexts.noMatchText}
    />
  );
}

function Lines({
  lines,
  filter,
  isGrouped,
}: {
  readonly lines: readonly EventLine[];
  readonly filter: ActivityFilter;
  readonly isGrouped: boolean;
}): ReactElement {
  const now = useNow(RANGE_TICK_MS);
  const { shown, isHeld, top, release } = useHeld(lines);
  const fitting = filterLines(shown, filter, now);
  const groups = isGrouped ? groupLines(fitting) : separateLines(fitting);
  const newestShown = shown[0]?.key ?? 0;
  const fresh = isHeld ? filterLines(lines, filter, now).filter(({ key }) => key > newestShown).length : 0;
  return (
    <>
      <div className={classes['state']} ref={top}>
        {activityTexts.shown(fitting.length, shown.length)}
      </div>
      {fresh > 0 && (
        <div className={classes['fresh']}>
          <Button size="compact-sm" radius="xl" onClick={release}>
            {activityTexts.fresh(fresh)}
          </Button>
        </div>
      )}
      {groups.length === 0 ? (
        <Nothing hasEvents={shown.length > 0} filter={filter} />
      ) : (
        <EventList groups={groups.slice(0, MAX_ROWS)} />
      )}
      {groups.length > MAX_ROWS && (
        <p className={viewClasses['note']}>{activityTexts.more(groups.length - MAX_ROWS)}</p>
      )}
      <p className={viewClasses['note']}>{activityTexts.bounds(MAX_KEPT_EVENTS)}</p>
    </>
  );
}

/** A counter shows its own problems, and pressed again everything. */
const chosenBy = ({ kind, isProblemsOnly }: ActivityFilter): ActivityKind | null =>
  isProblemsOnly && kind !== 'all' ? kind : null;

/** What happened, and the figures that tell whether somebody is in trouble. */
export function Activity({
  events,
  counters,
  alerts,
}: {
  readonly events: readonly RouterEvent[];
  readonly counters: Counters;
  readonly alerts: readonly Alert[];
}): ReactElement {
  const [filter, setFilter] = useState<ActivityFilter>(showEverything);
  const [isGrouped, setIsGrouped] = useState(true);
  const lines = useMemo(() => eventLines(events), [events]);
  const trouble = lines.find(isProblem);
  return (
    <div className={viewClasses['view']}>
      <header className={viewClasses['head']}>
        <h1 className={viewClasses['title']}>{texts.pages.activity}</h1>
        <p className={viewClasses['intro']}>{words.intro}</p>
      </header>
      {alerts.map((alert) => (
        <NoticeCard key={alert.rule} notice={alertNotice(alert)} />
      ))}
      <CounterRow
        counters={counters}
        chosen={chosenBy(filter)}
        onChoose={(kind) =>
          setFilter(kind === null ? showEverything : { ...showEverything, kind, isProblemsOnly: true })
        }
      />
      <Card title={words.list}>
        <ActivityFilters
          filter={filter}
          clients={clientsIn(lines)}
          isGrouped={isGrouped}
          onFilter={setFilter}
          onGroup={setIsGrouped}
        />
        <Lines lines={lines} filter={filter} isGrouped={isGrouped} />
      </Card>
      <VisuallyHidden role="log" aria-label={words.problems}>
        {trouble !== undefined && trouble.title}
      </VisuallyHidden>
    </div>
  );
}
