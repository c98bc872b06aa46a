import type { ConfigProblem } from '../shared/ipc/contract';
import type { Setting, SettingChange, SettingValue } from '../shared/ipc/settings-calls';
import { durationWords } from './time-words';
import { settingWords } from './texts/setting-words';
import { settingsTexts as words } from './texts/settings';

/** What a field holds while it is edited: as typed, lists and maps one to a line. Null: back to the default. */
export type Draft = string | boolean | null;
/** By path. */
export type Drafts = ReadonlyMap<string, Draft>;

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** What a draft means. A number that is none stays a text, and is judged like any other value. */
export function valueOf({ control }: Setting, draft: Draft): SettingValue | null {
  if (draft === null || typeof draft === 'boolean') return draft;
  switch (control.kind) {
    case 'switch':
    case 'choice':
      return draft === '' ? null : draft;
    case 'number':
      return NUMBER.test(draft.trim()) ? Number(draft) : draft;
    case 'text':
      return draft.trim() === '' ? null : draft.trim();
    case 'list': {
      const items = linesOf(draft);
      return items.length === 0 ? null : items;
    }
    case 'map': {
      const pairs = linesOf(draft).map((line): [string, string] => {
        const [name = '', ...rest] = line.split('=');
        return [name.trim(), rest.join('=').trim()];
      });
      return pairs.length === 0 ? null : Object.fromEntries(pairs);
    }
  }
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A value as a field holds it. */
export function draftOf(value: SettingValue | null): string | boolean {
  if (value === null) return '';
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (isList(value)) return value.join('\n');
  return Object.entries(value)
    .map(([name, text]) => `${name}=${text}`)
    .join('\n');
}

const isList = (value: SettingValue): value is readonly string[] => Array.isArray(value);

/** What a field shows: the draft, else the file, else the default. */
export function shownDraft(setting: Setting, drafts: Drafts): string | boolean {
  const draft = drafts.get(setting.path);
  if (draft === null) return draftOf(setting.defaultValue);
  return draft ?? draftOf(setting.fileValue ?? setting.defaultValue);
}

/** True for the same value; names of a map in any order. */
export function isSameValue(one: SettingValue | null, other: SettingValue | null): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: SettingValue | null): string {
  const isMap = typeof value === 'object' && value !== null && !isList(value);
  return JSON.stringify(isMap ? Object.entries(value).sort() : value);
}

/** What would be written. A default that is typed where the file says nothing is no change. */
export function changesOf(settings: readonly Setting[], drafts: Drafts): readonly SettingChange[] {
  return settings.flatMap((setting) => {
    const draft = drafts.get(setting.path);
    if (draft === undefined) return [];
    const value = valueOf(setting, draft);
    const isDefault = setting.fileValue === null && isSameValue(value, setting.defaultValue);
    return isDefault || isSameValue(value, setting.fileValue) ? [] : [{ path: setting.path, value }];
  });
}

/** True where the file, or what is to be written into it, says something else than the default. */
export function isSetByPerson(setting: Setting, drafts: Drafts): boolean {
  const draft = drafts.get(setting.path);
  const value = draft === undefined ? setting.fileValue : valueOf(setting, draft);
  return value !== null && !isSameValue(value, setting.defaultValue);
}

/** True when all words are found in the name, the key or the explanation. */
export function isFound({ path }: Setting, search: string): boolean {
  const [title = '', explanation = ''] = settingWords[path] ?? [];
  const text = `${title} ${explanation} ${path} ${path.replaceAll(/[._]/g, ' ')}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** A value in words, short. */
export function valueWords(value: SettingValue | null): string {
  if (value === null) return words.noDefault;
  if (typeof value === 'boolean') return value ? words.on : words.off;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value;
  const count = Object.keys(value).length;
  if (count === 0) return words.empty;
  return isList(value) && count <= 2 ? value.join(', ') : words.items(count);
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
const KIB = 1024;

/** A number in the unit that people think in; null where it is that already. */
export function measureWords(setting: Setting, text: string | boolean): string | null {
  if (setting.control.kind !== 'number' || typeof text !== 'string' || !NUMBER.test(text)) return null;
  const amount = Number(text);
  switch (setting.control.unit) {
    case 'milliseconds':
      if (amount < SECOND_MS) return null;
      return amount < MINUTE_MS ? `${amount / SECOND_MS} s` : durationWords(amount);
    case 'seconds':
      return amount < 60 ? null : durationWords(amount * SECOND_MS);
    case 'minutes':
      return amount < 60 ? null : durationWords(amount * MINUTE_MS);
    case 'bytes':
      if (amount < KIB) return null;
      return amount < KIB * KIB ? `${round(amount / KIB)} KiB` : `${round(amount / KIB / KIB)} MiB`;
    case 'days':
    case null:
      return null;
  }
}

const round = (amount: number): number => Math.round(amount * 10) / 10;

/** A path as the problem names it, in the names of the page. */
const pagePath = (path: string): string => path.replace(/^gateway_pool\.endpoints\[0\]/, 'gateway');

const isAt = (setting: Setting, { path }: ConfigProblem): boolean => {
  const at = pagePath(path);
  return at === setting.path || at.startsWith(`${setting.path}[`) || at.startsWith(`${setting.path}.`);
};

/** The problems of one setting. */
export const problemsAt = (setting: Setting, problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.filter((problem) => isAt(setting, problem));

/** The problems that belong to no single setting. */
export const problemsElsewhere = (
  settings: readonly Setting[],
  problems: readonly ConfigProblem[],
): readonly ConfigProblem[] =>
  problems.filter((problem) => !settings.some((setting) => isAt(setting, problem)));
