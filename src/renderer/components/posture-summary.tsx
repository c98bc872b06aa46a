import type { ReactElement } from 'react';
import type { PosturePoint, Verdict } from '../../shared/model/posture';
import { securityTexts } from '../texts/security';
import { clockTime } from '../time-words';
import classes from './posture.module.css';

const words = securityTexts.checklist;
const tones = { fail: 'danger', warn: 'warning', pass: 'good' } as const;
/** The worst begins at the top of the ring. */
const order: readonly Verdict[] = ['fail', 'warn', 'pass'];
/** Of the ring, in parts of a hundred. */
const GAP = 2.5;

interface Arc {
  readonly verdict: Verdict;
  readonly from: number;
  readonly length: number;
}

function arcsOf(counts: Readonly<Record<Verdict, number>>, total: number): readonly Arc[] {
  const present = order.filter((verdict) => counts[verdict] > 0);
  const gap = present.length > 1 ? GAP : 0;
  let from = 0;
  return present.map((verdict) => {
    const share = (counts[verdict] / total) * 100;
    const arc = { verdict, from: from + gap / 2, length: share - gap };
    from += share;
    return arc;
  });
}

/** How many points there are of each verdict: a picture, and the same in words. */
export function PostureSummary({
  points,
  lookedAt,
}: {
  readonly points: readonly PosturePoint[];
  /** Epoch milliseconds. */
  readonly lookedAt: number;
}): ReactElement {
  const count = (verdict: Verdict): number => points.filter((point) => point.verdict === verdict).length;
  const counts = { fail: count('fail'), warn: count('warn'), pass: count('pass') };
  return (
    <div className={classes['summary']}>
      <svg className={classes['ring']} viewBox="0 0 64 64" aria-hidden>
        {arcsOf(counts, points.length).map(({ verdict, from, length }) => (
          <circle
            key={verdict}
            data-tone={tones[verdict]}
            cx={32}
            cy={32}
            r={27}
            pathLength={100}
            strokeDasharray={`${length} ${100 - length}`}
            strokeDashoffset={-from}
          />
        ))}
      </svg>
      <div className={classes['said']}>
        <p className={classes['headline']}>{words.headline(counts.fail, counts.warn)}</p>
        <p className={classes['counts']}>
          {order
            .filter((verdict) => counts[verdict] > 0)
            .map((verdict) => (
              <span key={verdict} className={classes['count']} data-tone={tones[verdict]}>
                {words.count[verdict](counts[verdict])}
              </span>
            ))}
        </p>
        <p className={classes['looked']} role="status">
          {words.lookedAt(clockTime(lookedAt))}
        </p>
      </div>
    </div>
  );
}
