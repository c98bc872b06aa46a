import { SegmentedControl } from '@mantine/core';
import { IconActivity, IconCircleCheck } from '../icons';
import type { ReactElement } from 'react';
import { useState } from 'react';
import type { RouterEvent } from '../../shared/model/events';
import type { Counters } from '../../shared/model/status';
import { Card } from '../components/card';
import { CounterRow } from '../components/counter-row';
import { EmptyState } from '../components/empty-state';
import { EventList } from '../components/event-list';
import { eventLines, isProblem } from '../event-line';
import { texts } from '../texts';
import classes from './view.module.css';

const words = texts.activity;
/** As many lines as are drawn; the store keeps more events than that. */
const MAX_LINES = 200;

/** What happened, and the figures that tell whether somebody is in trouble. */
export function Activity({
  events,
  counters,
}: {
  readonly events: readonly RouterEvent[];
  readonly counters: Counters;
}): ReactElement {
  const [filter, setFilter] = useState<'all' | 'problems'>('all');
  const lines = eventLines(events);
  const shown = (filter === 'all' ? lines : lines.filter(isProblem)).slice(0, MAX_LINES);
  return (
    <div className={classes['view']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{texts.pages.activity}</h1>
        <p className={classes['intro']}>{words.intro}</p>
      </header>
      <CounterRow counters={counters} />
      <Card
        title={words.list}
        aside={
          <SegmentedControl
            size="xs"
            aria-label={words.filter}
            value={filter}
            onChange={setFilter}
            data={[
              { value: 'all', label: words.all },
              { value: 'problems', label: words.problems },
            ]}
          />
        }
      >
        {shown.length > 0 && <EventList lines={shown} />}
        {shown.length === 0 && filter === 'all' && (
          <EmptyState
            icon={<IconActivity size={26} stroke={1.5} />}
            title={words.none}
            text={words.noneText}
          />
        )}
        {shown.length === 0 && filter === 'problems' && (
          <EmptyState
            icon={<IconCircleCheck size={26} stroke={1.5} />}
            title={words.noProblems}
            text={words.noProblemsText}
          />
        )}
      </Card>
    </div>
  );
}
