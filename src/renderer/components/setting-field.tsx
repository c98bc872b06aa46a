import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useId } from 'react';
import type { ConfigProblem } from '../../shared/ipc/contract';
import type { Setting } from '../../shared/ipc/settings-calls';
import {
  isSameValue,
  isSetByPerson,
  measureWords,
  shownDraft,
  valueOf,
  valueWords,
  type Draft,
  type Drafts,
} from '../setting-drafts';
import { settingWords } from '../texts/setting-words';
import { settingsTexts as words } from '../texts/settings';
import { SettingControl } from './setting-control';
import classes from './setting-field.module.css';

/** What a field needs besides the setting. */
export interface FieldParts {
  readonly drafts: Drafts;
  /** Undefined takes the draft back. */
  readonly onDraft: (path: string, draft: Draft | undefined) => void;
  readonly onOpenCredentials: () => void;
}

function Notes({
  setting,
  shown,
  isChanged,
}: {
  readonly setting: Setting;
  readonly shown: string | boolean;
  readonly isChanged: boolean;
}): ReactElement {
  const { source, effectiveValue, effect, notEditable, fileValue, defaultValue } = setting;
  const measure = measureWords(setting, shown);
  const stored = fileValue ?? defaultValue;
  const isOther = effectiveValue !== null && !isSameValue(effectiveValue, stored);
  return (
    <>
      {measure !== null && <span className={classes['note']}>{words.duration(measure)}</span>}
      {isChanged && <span className={classes['note']}>{words.default(valueWords(defaultValue))}</span>}
      {source.kind === 'environment' && (
        <span className={classes['note']} data-strong>
          {words.fromEnvironment(source.variable, valueWords(effectiveValue))}
        </span>
      )}
      {source.kind !== 'environment' && isOther && notEditable !== 'program' && (
        <span className={classes['note']}>{words.effective(valueWords(effectiveValue))}</span>
      )}
      {effect === 'restart' && <span className={classes['note']}>{words.atRestart}</span>}
      {notEditable !== null && <span className={classes['note']}>{words.notEditable[notEditable]}</span>}
    </>
  );
}

function ProblemLines({ problems }: { readonly problems: readonly ConfigProblem[] }): ReactElement {
  return (
    <ul className={classes['problems']}>
      {problems.map(({ severity, line, path, message }) => (
        <li key={`${path} ${message}`} data-tone={severity === 'error' ? 'danger' : 'warning'}>
          {words.problem(line, path, message)}
        </li>
      ))}
    </ul>
  );
}

/** The buttons that take back: what was typed, or what the file says. */
function Ways({
  setting,
  parts,
  isEdited,
}: {
  readonly setting: Setting;
  readonly parts: FieldParts;
  readonly isEdited: boolean;
}): ReactElement | null {
  const { path, notEditable } = setting;
  const [title = path] = settingWords[path] ?? [];
  if (notEditable === 'withheld') {
    return (
      <Button variant="subtle" size="compact-xs" onClick={parts.onOpenCredentials}>
        {words.credentials}
      </Button>
    );
  }
  const hasDefaultBelow = setting.fileValue !== null || parts.drafts.has(path);
  const canReset = notEditable === null && hasDefaultBelow && isSetByPerson(setting, parts.drafts);
  return (
    <>
      {isEdited && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={words.undoWhat(title)}
          onClick={() => parts.onDraft(path, undefined)}
        >
          {words.undo}
        </Button>
      )}
      {canReset && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={words.resetWhat(title)}
          onClick={() => parts.onDraft(path, setting.fileValue === null ? undefined : null)}
        >
          {words.reset}
        </Button>
      )}
    </>
  );
}

/** One key: its name and sentence, the control of its kind, where its value comes from, and what is wrong with it. */
export function SettingField({
  setting,
  problems,
  parts,
}: {
  readonly setting: Setting;
  readonly problems: readonly ConfigProblem[];
  readonly parts: FieldParts;
}): ReactElement {
  const id = useId();
  const [title, explanation] = settingWords[setting.path] ?? [setting.path, ''];
  const shown = shownDraft(setting, parts.drafts);
  const draft = parts.drafts.get(setting.path);
  const isEdited = draft !== undefined && !isSameValue(valueOf(setting, draft), setting.fileValue);
  const isChanged = isSetByPerson(setting, parts.drafts);
  const hasError = problems.some(({ severity }) => severity === 'error');
  const description = [explanation, ...problems.map(({ message }) => message)].join(' ');
  return (
    <div className={classes['field']} data-edited={isEdited || undefined} data-setting={setting.path}>
      <div className={classes['words']}>
        <p className={classes['title']}>
          <label id={`${id}-title`} htmlFor={id}>
            {title}
          </label>
          {isEdited && <span className={classes['mark']}>{words.edited}</span>}
          {!isEdited && isChanged && <span className={classes['mark']}>{words.changed}</span>}
        </p>
        <p className={classes['explanation']}>{explanation}</p>
        <p className={classes['key']}>
          <code>{setting.path}</code>
          <Ways setting={setting} parts={parts} isEdited={isEdited} />
        </p>
      </div>
      <div className={classes['control']}>
        <SettingControl
          setting={setting}
          shown={shown}
          onDraft={(next) => parts.onDraft(setting.path, next)}
          labels={{
            id,
            labelledBy: `${id}-title`,
            description,
            hasError,
          }}
        />
        <Notes setting={setting} shown={shown} isChanged={isChanged} />
        {problems.length > 0 && <ProblemLines problems={problems} />}
      </div>
    </div>
  );
}
