import { isDeepStrictEqual } from 'node:util';

import type { ClientApp } from './client-app';
import type { ClientEntry } from './client-document';
import type { Launcher } from './launcher';
import { plain } from './plain-value';

/** Members that decide what is started and with what; everything else is a preference of the client. */
const STARTING_KEYS = [
  'command',
  'args',
  'env',
  'env_vars',
  'envFile',
  'cwd',
  'type',
  'transport',
  'source',
  'url',
  'httpUrl',
  'serverUrl',
  'headers',
  'http_headers',
  'env_http_headers',
  'bearer_token_env_var',
] as const;

/** What clients write where we wrote nothing, or leave out where we wrote it. */
const NEUTRAL: Readonly<Record<string, string>> = { type: 'stdio', transport: 'stdio', source: 'custom' };

/** The entry for a client: a program and its arguments, and never a variable. */
export function entryFor(app: ClientApp, { command, args }: Launcher): ClientEntry {
  return { ...app.entryExtras, command, args: [...args] };
}

/** Do both start the same? Preferences such as `disabled` or a time limit do not count. */
export function startsSame(one: ClientEntry, other: ClientEntry): boolean {
  return STARTING_KEYS.every((key) => isDeepStrictEqual(startingValue(one, key), startingValue(other, key)));
}

/** What the client or its user added to an entry and may stay when it is written again. */
export function preferencesOf(entry: ClientEntry): ClientEntry {
  const starting: readonly string[] = STARTING_KEYS;
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !starting.includes(key)));
}

function startingValue(entry: ClientEntry, key: string): unknown {
  const value = Object.hasOwn(entry, key) ? entry[key] : undefined;
  if (value === null || value === '' || value === NEUTRAL[key]) return undefined;
  const isEmpty = typeof value === 'object' && Object.keys(value).length === 0;
  return isEmpty ? undefined : plain(value);
}
