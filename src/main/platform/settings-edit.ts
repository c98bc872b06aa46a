import type { SettingChange, SettingsOutcome, SettingValue } from '../../shared/ipc/settings-calls';
import { parseConfigText } from './config-file';
import type { LocatedProblem } from './config-problems';
import { editConfigText, type EditPath, type EditValue } from './config-text-edit';
import { evaluateConfigText, type LoadOptions } from './load-config';
import { describeSettings, type DescribedSetting } from './setting-descriptions';
import { variableIn } from './environment';

/** A file with changes that were not saved. */
export type SettingsCandidate =
  | {
      readonly kind: 'candidate';
      readonly text: string;
      readonly isValid: boolean;
      /** Of `config check`, for the whole file. */
      readonly problems: readonly LocatedProblem[];
      readonly outcome: SettingsOutcome;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Puts the changes into the text and judges it as if it were loaded. Only keys of the schema that can be edited. */
export function settingsCandidate(
  text: string,
  changes: readonly SettingChange[],
  { path, load }: { readonly path: string; readonly load: LoadOptions },
): SettingsCandidate {
  const { tree } = parseConfigText(text);
  if (tree === null) return refused(`${path} is not changed: it cannot be read as a configuration.`);
  const loaded = evaluateConfigText(text, path, load);
  const settings = describeSettings({ tree, loaded, variables: load.place.env });
  const edits: (readonly [EditPath, EditValue])[] = [];
  const changed: DescribedSetting[] = [];
  for (const { path: key, value } of changes) {
    const setting = settings.find((one) => one.path === key);
    if (setting === undefined) return refused('There is no such setting.');
    if (setting.notEditable !== null) return refused(`${key} is changed in the file, not here.`);
    if (isMap(value) && setting.control.kind !== 'map') return refused(`${key} is no list of names.`);
    edits.push(...editsOf(setting, value));
    changed.push(setting);
  }
  const edited = editConfigText(text, new Map(edits));
  if (edited.kind === 'broken')
    return refused(`${path} is not changed: a key is in the way. Change it by hand.`);
  if (edited.kind === 'repeated') {
    return refused(`${path} is not changed: an alias (*) repeats a value that would go. Change it by hand.`);
  }
  return judged(edited.text, changed, { path, load });
}

function judged(
  text: string,
  changed: readonly DescribedSetting[],
  { path, load }: { readonly path: string; readonly load: LoadOptions },
): SettingsCandidate {
  const result = evaluateConfigText(text, path, load);
  // What a variable covers is not looked at above; it is written all the same, and must be right.
  const covered = changed.filter(({ variable }) => variableIn(load.place.env, variable) !== undefined);
  const alone =
    covered.length === 0
      ? null
      : evaluateConfigText(text, path, { ...load, place: { ...load.place, env: {} } });
  const hidden = problemsOf(alone).filter((problem) =>
    covered.some(({ path: key }) => problem.path === key && problem.severity === 'error'),
  );
  const problems = [...problemsOf(result), ...hidden];
  return {
    kind: 'candidate',
    text,
    isValid: result.kind === 'valid' && hidden.length === 0,
    problems,
    outcome: outcomeOf(changed, load),
  };
}

const problemsOf = (loaded: ReturnType<typeof evaluateConfigText> | null): readonly LocatedProblem[] =>
  loaded?.kind === 'valid' || loaded?.kind === 'invalid' ? loaded.problems : [];

function outcomeOf(changed: readonly DescribedSetting[], { place }: LoadOptions): SettingsOutcome {
  const isCovered = ({ variable }: DescribedSetting): boolean =>
    variableIn(place.env, variable) !== undefined;
  const free = changed.filter((setting) => !isCovered(setting));
  const pathsOf = (settings: readonly DescribedSetting[]): readonly string[] =>
    settings.map(({ path }) => path);
  return {
    now: pathsOf(free.filter(({ effect }) => effect !== 'restart')),
    atRestart: pathsOf(free.filter(({ effect }) => effect === 'restart')),
    overridden: changed.filter(isCovered).map(({ path, variable }) => ({ path, variable })),
  };
}

type Names = Readonly<Record<string, string>>;
const isMap = (value: SettingValue | null): value is Names =>
  typeof value === 'object' && value !== null && !isList(value);
const isList = (value: SettingValue): value is readonly string[] => Array.isArray(value);

/** A map is changed name by name, so that its comments stay. */
function editsOf(
  { editPath, fileValue }: DescribedSetting,
  value: SettingValue | null,
): readonly (readonly [EditPath, EditValue])[] {
  if (!isMap(value)) return [[editPath, value]];
  const before: Names = isMap(fileValue) ? fileValue : {};
  const names = Object.entries(value);
  if (names.length === 0) return [[editPath, null]];
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(value, name));
  return [
    ...names
      .filter(([name, text]) => before[name] !== text)
      .map(([name, text]) => [[...editPath, name], text] as const),
    ...gone.map((name) => [[...editPath, name], null] as const),
  ];
}

const refused = (message: string): SettingsCandidate => ({ kind: 'refused', message });
