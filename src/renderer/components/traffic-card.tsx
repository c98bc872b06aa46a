import { Skeleton } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useCallback } from 'react';
import type { TrafficReport } from '../../shared/model/traffic';
import type { RouterStore } from '../bridge';
import { IconActivity } from '../icons';
import { CHART_HEIGHT, CHART_WIDTH, linePath, stepsPath } from '../sparkline';
import { texts } from '../texts';
import { overviewTexts } from '../texts/overview';
import { durationWords } from '../time-words';
import { minutesOf, trafficView, type ChartView, type TrafficView } from '../traffic-view';
import { useAnswer } from '../use-answer';
import { useNow } from '../use-now';
import { useRepeated } from '../use-repeated';
import { Card } from './card';
import { EmptyState } from './empty-state';
import classes from './traffic-card.module.css';

const words = overviewTexts.traffic;
/** As long as a step of the series: sooner there is nothing new. */
const PERIOD_MS = 2000;

function Chart({
  view: { name, value, notes, label },
  children,
}: {
  readonly view: ChartView;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <figure className={classes['chart']}>
      <figcaption className={classes['head']}>
        <span className={classes['name']}>{name}</span>
        <span className={classes['value']}>{value}</span>
      </figcaption>
      <svg
        className={classes['picture']}
        viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {children}
      </svg>
      {notes.map((note) => (
        <span key={note} className={classes['note']}>
          {note}
        </span>
      ))}
    </figure>
  );
}

function Charts({
  view: { rate, latency },
}: {
  readonly view: Extract<TrafficView, { kind: 'busy' }>;
}): ReactElement {
  const slowest = Math.max(0, ...latency.slow.map((value) => value ?? 0));
  return (
    <div className={classes['charts']}>
      <Chart view={rate}>
        <path className={classes['area']} d={stepsPath(rate.values, Math.max(...rate.values))} />
      </Chart>
      <Chart view={latency}>
        <path
          className={classes['slow']}
          d={linePath(latency.slow, slowest)}
          vectorEffect="non-scaling-stroke"
        />
        <path
          className={classes['line']}
          d={linePath(latency.medians, slowest)}
          vectorEffect="non-scaling-stroke"
        />
      </Chart>
    </div>
  );
}

function Traffic({
  report,
  hasEverAsked,
}: {
  readonly report: TrafficReport;
  readonly hasEverAsked: boolean;
}): ReactElement {
  const view = trafficView(report, hasEverAsked);
  if (view.kind === 'busy') return <Charts view={view} />;
  return (
    <EmptyState icon={<IconActivity size={26} stroke={1.5} />} title={view.title} text={words.noneText} />
  );
}

/** How many requests pass right now and how fast they are answered, and for how long the router has been running. */
export function TrafficCard({
  store,
  hasEverAsked,
}: {
  readonly store: Pick<RouterStore, 'ask'>;
  readonly hasEverAsked: boolean;
}): ReactElement | null {
  const question = useCallback(() => store.ask('traffic.get'), [store]);
  const { answer, askAgain } = useAnswer(question);
  useRepeated(askAgain, PERIOD_MS);
  const now = useNow(PERIOD_MS);
  // What the charts would show is a convenience: without an answer the rest of the page is as true as before.
  if (answer.kind === 'failed') return null;
  const report = answer.kind === 'ready' ? answer.value : null;
  const startedAt = report?.startedAt ?? null;
  return (
    <Card
      title={report === null ? words.rate : words.title(minutesOf(report))}
      aside={
        startedAt !== null && (
          <span className={classes['uptime']}>{words.runningFor(durationWords(now - startedAt))}</span>
        )
      }
    >
      {report === null ? (
        <Skeleton height={112} role="status" aria-label={texts.loading} />
      ) : (
        <Traffic report={report} hasEverAsked={hasEverAsked} />
      )}
    </Card>
  );
}
