import { UnstyledButton } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useId } from 'react';
import type { ConfigProblem } from '../../shared/ipc/contract';
import type { Setting, SettingSection } from '../../shared/ipc/settings-calls';
import { IconChevronDown, IconChevronRight } from '../icons';
import { isSetByPerson, problemsAt } from '../setting-drafts';
import { settingsTexts as words } from '../texts/settings';
import { SettingField, type FieldParts } from './setting-field';
import classes from './settings-section.module.css';

/** The heading, which opens and closes. */
function Toggle({
  id,
  title,
  counts,
  isOpen,
  onToggle,
}: {
  readonly id: string;
  readonly title: string;
  readonly counts: { readonly all: number; readonly set: number; readonly wrong: number };
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}): ReactElement {
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <h2 className={classes['head']}>
      <UnstyledButton
        className={classes['toggle']}
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-fields` : undefined}
        onClick={onToggle}
      >
        <Chevron size={17} stroke={1.8} aria-hidden />
        <span id={`${id}-title`} className={classes['title']}>
          {title}
        </span>
        {counts.wrong > 0 && (
          <span className={classes['wrong']} data-tone="danger">
            {words.wrong(counts.wrong)}
          </span>
        )}
        <span className={classes['count']}>
          {counts.set > 0 ? `${words.set(counts.set)}, ` : ''}
          {words.count(counts.all)}
        </span>
      </UnstyledButton>
    </h2>
  );
}

/** One group of settings, open or closed; closed it says how much is in it and what needs a look. */
export function SettingsSection({
  section,
  settings,
  problems,
  isOpen,
  onToggle,
  parts,
  children,
}: {
  readonly section: SettingSection;
  readonly settings: readonly Setting[];
  readonly problems: readonly ConfigProblem[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly parts: FieldParts;
  /** What stands above the fields. */
  readonly children?: ReactNode;
}): ReactElement {
  const id = useId();
  const found = settings.flatMap((setting) => problemsAt(setting, problems));
  const counts = {
    all: settings.length,
    set: settings.filter((setting) => isSetByPerson(setting, parts.drafts)).length,
    wrong: found.filter(({ severity }) => severity === 'error').length,
  };
  return (
    <section className={classes['section']} aria-labelledby={`${id}-title`}>
      <Toggle id={id} title={words.sections[section]} counts={counts} isOpen={isOpen} onToggle={onToggle} />
      {isOpen && (
        <div id={`${id}-fields`} className={classes['fields']}>
          {children}
          {settings.map((setting) => (
            <SettingField
              key={setting.path}
              setting={setting}
              problems={problemsAt(setting, problems)}
              parts={parts}
            />
          ))}
        </div>
      )}
    </section>
  );
}
