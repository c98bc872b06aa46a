import type { SettingEffect } from '../model/setting-effects';
import { command, query, type CommandResult } from './call';
import type { ConfigProblem } from './contract';

/** The value of one key. A map has names with a text each. */
export type SettingValue = boolean | number | string | readonly string[] | Readonly<Record<string, string>>;

/** What a number counts; read from the end of the key's name. */
export type SettingUnit = 'milliseconds' | 'seconds' | 'minutes' | 'days' | 'bytes';

/** How a key is drawn, and what it accepts. */
export type SettingControl =
  | { readonly kind: 'switch' }
  | {
      readonly kind: 'number';
      readonly isWhole: boolean;
      readonly min: number;
      readonly max: number;
      readonly unit: SettingUnit | null;
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'text'; readonly isPath: boolean }
  /** `choices`: what each item may be; null where it may be any text. */
  | { readonly kind: 'list'; readonly choices: readonly string[] | null }
  | { readonly kind: 'map' };

/** Why a key is not edited in the window. */
export type NotEditable =
  /** It names a program that is started. */
  | 'program'
  /** What stands there may hold a secret, and is not shown. */
  | 'withheld'
  /** The file has it under another name or in another form. */
  | 'other-form';

/** Where the value in effect comes from. */
export type SettingSource =
  | { readonly kind: 'file'; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'default' };

/** The groups of the page, in its order. */
export const settingSections = [
  'limits',
  'policy',
  'doors',
  'log',
  'audit',
  'metrics',
  'security',
  'detection',
  'gateway',
  'sign-in',
  'tls',
  'connection',
  'proxy',
  'files',
] as const;
export type SettingSection = (typeof settingSections)[number];

/** One key of the configuration. */
export interface Setting {
  /** Such as `local.max_sessions`. */
  readonly path: string;
  readonly section: SettingSection;
  readonly control: SettingControl;
  /** Null where there is none. */
  readonly defaultValue: SettingValue | null;
  /** What the file says; null where it says nothing. */
  readonly fileValue: SettingValue | null;
  /** What is used; null where nothing is, or where the file cannot be used. */
  readonly effectiveValue: SettingValue | null;
  readonly source: SettingSource;
  readonly effect: SettingEffect;
  /** Null where it can be edited. */
  readonly notEditable: NotEditable | null;
}

/** One address of several, which is edited in the file. */
export interface EndpointSummary {
  /** Without user name and query. */
  readonly address: string;
  readonly priority: number;
  readonly weight: number;
}

/** The configuration file, as the page draws it. */
export type SettingsFile =
  | {
      readonly kind: 'readable';
      readonly path: string;
      /** False where saving makes a new file. */
      readonly exists: boolean;
      /** Another one for each content; says nothing about it. */
      readonly revision: string;
      readonly settings: readonly Setting[];
      readonly problems: readonly ConfigProblem[];
      /** Empty where there is only one. */
      readonly endpoints: readonly EndpointSummary[];
    }
  /** It does not parse, or must not be used. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly problems: readonly ConfigProblem[] };

/** One change; null takes the key out of the file, so that its default holds. */
export interface SettingChange {
  readonly path: string;
  readonly value: SettingValue | null;
}

/** Changes of the file as it was at that revision. */
export interface SettingChanges {
  readonly revision: string;
  readonly changes: readonly SettingChange[];
}

/** One line of a difference. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added' | 'gap';
  /** 1-based line of the file before, or of the new one where it is added. */
  readonly line: number;
  readonly text: string;
}

/** What a change of settings does once it is saved. */
export interface SettingsOutcome {
  /** In effect at once. */
  readonly now: readonly string[];
  /** In effect when MCP Router starts the next time. */
  readonly atRestart: readonly string[];
  /** An environment variable has the last word. */
  readonly overridden: readonly { readonly path: string; readonly variable: string }[];
}

/** What is not saved: the file is another one by now, the result would not be valid, or the file must not change. */
export type SettingsRefusal =
  | { readonly kind: 'changed' }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] }
  | { readonly kind: 'refused'; readonly message: string };

/** What checking found; `valid` may have warnings. */
export type SettingsCheck =
  { readonly kind: 'valid'; readonly problems: readonly ConfigProblem[] } | SettingsRefusal;

export type SettingsPreview =
  | {
      readonly kind: 'preview';
      readonly lines: readonly DiffLine[];
      readonly outcome: SettingsOutcome;
      readonly problems: readonly ConfigProblem[];
    }
  | SettingsRefusal;

export type SettingsSave = { readonly kind: 'saved'; readonly outcome: SettingsOutcome } | SettingsRefusal;

/** The configuration file, as a person edits it in the window. */
export const settingsCalls = {
  'settings.get': query<void, SettingsFile>(),
  'settings.check': query<SettingChanges, SettingsCheck>(),
  'settings.preview': query<SettingChanges, SettingsPreview>(),
  'settings.save': command<SettingChanges, SettingsSave>(),
  /** Opens the file in the system's editor. */
  'settings.open-file': command<void, CommandResult>(),
} as const;
