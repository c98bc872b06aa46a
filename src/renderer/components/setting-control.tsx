import { Checkbox, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Setting } from '../../shared/ipc/settings-calls';
import type { Draft } from '../setting-drafts';
import { settingsTexts as words } from '../texts/settings';
import classes from './setting-field.module.css';

/** The bound of the payload (main/ipc/payloads/settings-payloads.ts). */
const MAX_TEXT_LENGTH = 4096;
const MAX_ROWS = 8;

/** How a control is tied to its words. */
export interface ControlLabels {
  readonly id: string;
  readonly labelledBy: string;
  /** The sentence about the setting, and what is wrong with its value. */
  readonly description: string;
  readonly hasError: boolean;
}

interface ControlProps {
  readonly setting: Setting;
  readonly shown: string | boolean;
  readonly onDraft: (draft: Draft) => void;
  readonly labels: ControlLabels;
}

interface TiedProps {
  readonly id: string;
  readonly error: boolean;
  readonly disabled: boolean;
  readonly 'aria-description': string;
}

// The component library replaces aria-describedby by what it draws itself.
const tied = ({ setting, labels: { id, description, hasError } }: ControlProps): TiedProps => ({
  id,
  error: hasError,
  disabled: setting.notEditable !== null,
  'aria-description': description,
});

/** On, off, or no value of its own where the router itself decides then. */
function SwitchControl(props: ControlProps): ReactElement {
  const { setting, shown, onDraft } = props;
  if (setting.defaultValue === null) {
    const value = shown === true ? 'on' : shown === false ? 'off' : '';
    const drafts: Readonly<Record<string, Draft>> = { on: true, off: false };
    return (
      <NativeSelect
        {...tied(props)}
        value={value}
        data={[
          { value: '', label: words.automatic },
          { value: 'on', label: words.on },
          { value: 'off', label: words.off },
        ]}
        onChange={(event) => onDraft(drafts[event.currentTarget.value] ?? null)}
      />
    );
  }
  return (
    <Switch
      {...tied(props)}
      checked={shown === true}
      onChange={(event) => onDraft(event.currentTarget.checked)}
    />
  );
}

function ChoiceControl(props: ControlProps & { readonly choices: readonly string[] }): ReactElement {
  const { setting, shown, onDraft, choices } = props;
  const none = setting.defaultValue === null ? [{ value: '', label: words.automatic }] : [];
  const isKnown = choices.includes(String(shown)) || shown === '';
  const others = isKnown ? [] : [String(shown)];
  return (
    <NativeSelect
      {...tied(props)}
      value={String(shown)}
      data={[...none, ...choices, ...others]}
      onChange={(event) => onDraft(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    />
  );
}

/** A list of which each item is one of some. */
function ChoicesControl({
  setting,
  shown,
  onDraft,
  labels,
  choices,
}: ControlProps & { readonly choices: readonly string[] }): ReactElement {
  const chosen = new Set(String(shown).split('\n'));
  const toggle = (choice: string): void => {
    const next = choices.filter((one) => (one === choice ? !chosen.has(one) : chosen.has(one)));
    // An empty text would be the default, which is all of them; main says that one is needed.
    onDraft(next.join('\n'));
  };
  return (
    <div
      role="group"
      aria-labelledby={labels.labelledBy}
      aria-description={labels.description}
      className={classes['choices']}
    >
      {choices.map((choice, index) => (
        <Checkbox
          key={choice}
          {...(index === 0 ? { id: labels.id } : {})}
          size="xs"
          label={choice}
          checked={chosen.has(choice)}
          disabled={setting.notEditable !== null || (chosen.has(choice) && chosen.size === 1)}
          onChange={() => toggle(choice)}
        />
      ))}
    </div>
  );
}

function LinesControl(props: ControlProps): ReactElement {
  const { setting, shown, onDraft } = props;
  const text = String(shown);
  return (
    <Textarea
      {...tied(props)}
      value={text}
      rows={Math.min(MAX_ROWS, Math.max(2, text.split('\n').length))}
      maxLength={MAX_TEXT_LENGTH * 2}
      placeholder={setting.control.kind === 'map' ? words.nameToALine : words.oneToALine}
      spellCheck={false}
      autoCapitalize="off"
      classNames={{ input: classes['mono'] ?? '' }}
      onChange={(event) => onDraft(event.currentTarget.value)}
    />
  );
}

function TextControl(props: ControlProps): ReactElement {
  const { setting, shown, onDraft } = props;
  const { control } = setting;
  const unit = control.kind === 'number' && control.unit !== null ? words.units[control.unit] : null;
  const isMono = control.kind === 'text' && control.isPath;
  return (
    <TextInput
      {...tied(props)}
      value={String(shown)}
      placeholder={setting.defaultValue === null ? words.noDefault : ''}
      inputMode={control.kind === 'number' ? 'decimal' : 'text'}
      rightSection={unit === null ? null : <span className={classes['unit']}>{unit}</span>}
      rightSectionWidth={unit === null ? 0 : 52}
      rightSectionPointerEvents="none"
      maxLength={MAX_TEXT_LENGTH}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      classNames={isMono ? { input: classes['mono'] ?? '' } : {}}
      onChange={(event) => onDraft(event.currentTarget.value)}
    />
  );
}

/** The control of the setting's kind. */
export function SettingControl(props: ControlProps): ReactElement {
  const { control } = props.setting;
  switch (control.kind) {
    case 'switch':
      return <SwitchControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} choices={control.choices} />;
    case 'list':
      return control.choices === null ? (
        <LinesControl {...props} />
      ) : (
        <ChoicesControl {...props} choices={control.choices} />
      );
    case 'map':
      return <LinesControl {...props} />;
    case 'number':
    case 'text':
      return <TextControl {...props} />;
  }
}
