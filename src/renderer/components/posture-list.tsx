import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useId, useState } from 'react';
import { postureTitles, type PosturePoint } from '../../shared/model/posture';
import { postureStep, type PostureStep } from '../../shared/model/posture-step';
import { IconAlertTriangle, IconChevronDown, IconChevronRight, IconCircleCheck, IconCircleX } from '../icons';
import { securityTexts } from '../texts/security';
import { Entry, EntryButton, EntryLine, EntryList } from './entry-list';
import classes from './posture.module.css';

const words = securityTexts.checklist;
const icons = { pass: IconCircleCheck, warn: IconAlertTriangle, fail: IconCircleX } as const;
const tones = { pass: 'good', warn: 'warning', fail: 'danger' } as const;

function Point({
  point,
  onStep,
}: {
  readonly point: PosturePoint;
  readonly onStep: (step: PostureStep) => void;
}): ReactElement {
  const { id, verdict, evidence, fix } = point;
  const Icon = icons[verdict];
  const title = postureTitles[id];
  const step = postureStep(point);
  const text = step === null ? '' : words.step[step.kind];
  // Where the button does it, or its page says how, no words about files and commands are needed.
  const isSaid = step === null || step.kind === 'open-settings';
  return (
    <Entry
      icon={<Icon className={classes['icon']} data-tone={tones[verdict]} size={18} stroke={1.8} />}
      title={title}
      {...(verdict !== 'pass' && { tag: { tone: tones[verdict], text: words.verdict[verdict] } })}
      {...(step !== null && {
        actions: (
          <EntryButton
            text={text}
            label={words.stepFor(text, title)}
            isNextStep={verdict === 'fail'}
            onClick={() => onStep(step)}
          />
        ),
      })}
    >
      <EntryLine>{evidence}</EntryLine>
      {fix !== null && isSaid && <EntryLine>{words.fix(fix)}</EntryLine>}
    </Entry>
  );
}

/** What needs something first, each with its next step; what is good is folded away. */
export function PostureList({
  points,
  onStep,
}: {
  readonly points: readonly PosturePoint[];
  readonly onStep: (step: PostureStep) => void;
}): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const of = (verdict: PosturePoint['verdict']): readonly PosturePoint[] =>
    points.filter((point) => point.verdict === verdict);
  const problems = [...of('fail'), ...of('warn')];
  const good = of('pass');
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const drawn = (some: readonly PosturePoint[]): readonly ReactElement[] =>
    some.map((point) => <Point key={point.id} point={point} onStep={onStep} />);
  return (
    <>
      {problems.length > 0 && <EntryList label={words.problems}>{drawn(problems)}</EntryList>}
      {good.length > 0 && (
        <UnstyledButton
          className={classes['toggle']}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={17} stroke={1.8} aria-hidden />
          {words.good(good.length)}
        </UnstyledButton>
      )}
      {isOpen && (
        <div id={id}>
          <EntryList label={words.good(good.length)}>{drawn(good)}</EntryList>
        </div>
      )}
    </>
  );
}
