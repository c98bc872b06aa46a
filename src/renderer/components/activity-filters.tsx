import { Button, NativeSelect, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { activityKinds } from '../activity-kind';
import { showEverything, timeRanges, type ActivityFilter } from '../activity-view';
import { activityTexts as words } from '../texts/activity';
import classes from './activity-filters.module.css';

const switchLook = { track: classes['track'] ?? '' };

/** The value of the choice that stands for everybody; a client cannot be called so, for its name is not empty. */
const ANYONE = '';
const kinds = ['all', ...activityKinds] as const;

const isEverything = (filter: ActivityFilter): boolean =>
  filter.kind === 'all' && filter.client === null && filter.range === 'all' && !filter.isProblemsOnly;

function Choice<Value extends string>({
  label,
  value,
  options,
  onChoose,
}: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChoose: (value: Value) => void;
}): ReactElement {
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={value}
      data={options.map(([option, text]) => ({ value: option, label: text }))}
      onChange={(event) => {
        const chosen = options.find(([option]) => option === event.currentTarget.value);
        if (chosen !== undefined) onChoose(chosen[0]);
      }}
    />
  );
}

/** What of the activity is shown: about what, whose, since when. */
export function ActivityFilters({
  filter,
  clients,
  isGrouped,
  onFilter,
  onGroup,
}: {
  readonly filter: ActivityFilter;
  readonly clients: readonly string[];
  readonly isGrouped: boolean;
  readonly onFilter: (filter: ActivityFilter) => void;
  readonly onGroup: (isGrouped: boolean) => void;
}): ReactElement {
  const { client } = filter;
  // Somebody who was chosen stays a choice, also when the last line about it is gone.
  const names = client === null || clients.includes(client) ? clients : [client, ...clients];
  return (
    <div className={classes['filters']} role="group" aria-label={words.filters}>
      <Choice
        label={words.kind}
        value={filter.kind}
        options={kinds.map((kind) => [kind, words.kinds[kind]])}
        onChoose={(kind) => onFilter({ ...filter, kind })}
      />
      <Choice
        label={words.client}
        value={client ?? ANYONE}
        options={[[ANYONE, words.anyone], ...names.map((name) => [name, name] as const)]}
        onChoose={(name) => onFilter({ ...filter, client: name === ANYONE ? null : name })}
      />
      <Choice
        label={words.range}
        value={filter.range}
        options={timeRanges.map((range) => [range, words.ranges[range]])}
        onChoose={(range) => onFilter({ ...filter, range })}
      />
      <div className={classes['switches']}>
        <Switch
          size="xs"
          classNames={switchLook}
          label={words.problemsOnly}
          checked={filter.isProblemsOnly}
          onChange={({ currentTarget: { checked } }) => onFilter({ ...filter, isProblemsOnly: checked })}
        />
        <Switch
          size="xs"
          classNames={switchLook}
          label={words.grouped}
          checked={isGrouped}
          onChange={({ currentTarget: { checked } }) => onGroup(checked)}
        />
        {!isEverything(filter) && (
          <Button size="compact-xs" variant="subtle" onClick={() => onFilter(showEverything)}>
            {words.clear}
          </Button>
        )}
      </div>
    </div>
  );
}
