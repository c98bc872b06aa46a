import { SegmentedControl, Skeleton, Switch } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useCallback, useEffect, useId, useState } from 'react';
import type { CommandResult } from '../../shared/ipc/call';
import { errorTable } from '../../shared/model/errors';
import {
  notificationChoices,
  themeChoices,
  type AppPreferences as Chosen,
  type LoginItem,
  type Preferences,
} from '../../shared/model/preferences';
import type { RouterStore } from '../bridge';
import { texts } from '../texts';
import { preferencesTexts as words } from '../texts/preferences';
import { useAnswer } from '../use-answer';
import classes from './app-preferences.module.css';
import { Card } from './card';
import { NoticeCard } from './notice-card';

type Commands = Pick<RouterStore, 'ask' | 'perform' | 'listen'>;
type Refusal = Extract<CommandResult, { readonly ok: false }>;

function Row({
  label,
  text,
  children,
}: {
  readonly label: string;
  readonly text?: string;
  readonly children: (ids: { readonly label: string; readonly text: string }) => ReactNode;
}): ReactElement {
  const id = useId();
  const ids = { label: `${id}-label`, text: `${id}-text` };
  return (
    <div className={classes['row']}>
      <div>
        <span id={ids.label} className={classes['label']}>
          {label}
        </span>
        {text !== undefined && (
          <p id={ids.text} className={classes['text']}>
            {text}
          </p>
        )}
      </div>
      {children(ids)}
    </div>
  );
}

function loginWords(login: LoginItem): string {
  if (login.kind === 'unavailable') return words.loginUnavailable(login.reason);
  return login.kind === 'other-copy' ? words.loginOther(login.program) : words.loginText;
}

function Toggle({
  label,
  text,
  isOn,
  isPossible = true,
  onChange,
}: {
  readonly label: string;
  readonly text: string;
  readonly isOn: boolean;
  readonly isPossible?: boolean;
  readonly onChange: (isOn: boolean) => void;
}): ReactElement {
  return (
    <Row label={label} text={text}>
      {(ids) => (
        <Switch
          aria-labelledby={ids.label}
          aria-describedby={ids.text}
          checked={isOn}
          disabled={!isPossible}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )}
    </Row>
  );
}

function Rows({
  chosen,
  onSave,
  onLogin,
}: {
  readonly chosen: Chosen;
  readonly onSave: (change: Partial<Preferences>) => void;
  readonly onLogin: (isOn: boolean) => void;
}): ReactElement {
  const { login } = chosen;
  return (
    <div className={classes['rows']}>
      <Row label={words.theme}>
        {(ids) => (
          <SegmentedControl
            size="xs"
            aria-labelledby={ids.label}
            value={chosen.theme}
            onChange={(theme) => onSave({ theme })}
            data={themeChoices.map((value) => ({ value, label: words.themes[value] }))}
          />
        )}
      </Row>
      <Row label={words.notifications} text={words.notificationsText}>
        {(ids) => (
          <SegmentedControl
            size="xs"
            aria-labelledby={ids.label}
            aria-describedby={ids.text}
            value={chosen.notifications}
            onChange={(notifications) => onSave({ notifications })}
            data={notificationChoices.map((value) => ({ value, label: words.notificationChoices[value] }))}
          />
        )}
      </Row>
      <Toggle
        label={words.login}
        text={loginWords(login)}
        isOn={login.kind === 'on'}
        isPossible={login.kind !== 'unavailable'}
        onChange={onLogin}
      />
      <Toggle
        label={words.hidden}
        text={words.hiddenText}
        isOn={chosen.startsHidden}
        onChange={(startsHidden) => onSave({ startsHidden })}
      />
    </div>
  );
}

/** How the app itself behaves: theme, notifications, start at login. Each choice is kept at once. */
export function AppPreferences({ store }: { readonly store: Commands }): ReactElement {
  const { answer, askAgain } = useAnswer(useCallback(() => store.ask('preferences.get'), [store]));
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  useEffect(() => store.listen('preferences.changed', () => void askAgain()), [store, askAgain]);
  const perform = async (command: Promise<CommandResult>): Promise<void> => {
    const result = await command;
    setRefusal(result.ok ? null : result);
    await askAgain();
  };
  const chosen = answer.kind === 'ready' ? answer.value : null;
  const code = answer.kind === 'failed' ? answer.code : (refusal?.code ?? null);
  return (
    <Card title={words.title}>
      {answer.kind === 'loading' && <Skeleton height={160} aria-label={texts.loading} />}
      {chosen !== null && (
        <Rows
          chosen={chosen}
          onSave={(change) => {
            const { theme, notifications, startsHidden } = { ...chosen, ...change };
            void perform(store.perform('preferences.save', { theme, notifications, startsHidden }));
          }}
          onLogin={(isOn) => void perform(store.perform('login-item.set', { isOn }))}
        />
      )}
      {code !== null && (
        <div role="alert">
          <NoticeCard
            notice={{
              id: code,
              tone: 'danger',
              title: words.notKept,
              text: refusal?.message ?? errorTable[code].text,
              nextStep: errorTable[code].nextStep,
              details: [],
              page: null,
            }}
          />
        </div>
      )}
    </Card>
  );
}
