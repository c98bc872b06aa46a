import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { AppStatus } from '../../shared/ipc/contract';
import { setup, switchActions } from '../../shared/model/switch-action';
import type { SwitchAction } from '../../shared/model/switch-action';
import { headlineOf, stateTone } from '../headline';
import { texts } from '../texts';
import { useNow } from '../use-now';
import { StateEmblem } from './state-emblem';
import classes from './status-card.module.css';

const TICK_MS = 1000;

/** The state at a glance, and the one thing to do about it. */
export function StatusCard({
  status,
  busy,
  onAction,
}: {
  readonly status: AppStatus;
  /** The action that is being carried out. */
  readonly busy: SwitchAction | null;
  readonly onAction: (action: SwitchAction) => void;
}): ReactElement {
  const now = useNow(TICK_MS);
  const { title, text } = headlineOf(status, now);
  return (
    <section
      className={classes['card']}
      data-tone={stateTone[status.router.shown]}
      data-setup={setup(status)}
      aria-label={title}
    >
      <StateEmblem state={status.router.shown} size="large" />
      <div className={classes['words']}>
        <h1 className={classes['title']}>{title}</h1>
        <p className={classes['text']}>{text}</p>
      </div>
      <div className={classes['actions']}>
        {switchActions(status).map((action) => (
          <Button
            key={action}
            variant={action === 'disconnect' ? 'default' : 'filled'}
            loading={busy === action}
            onClick={() => onAction(action)}
          >
            {texts.actions[action]}
          </Button>
        ))}
      </div>
    </section>
  );
}
