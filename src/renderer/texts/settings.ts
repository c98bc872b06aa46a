import type { NotEditable, SettingSection, SettingUnit } from '../../shared/ipc/settings-calls';

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const sections: Readonly<Record<SettingSection, string>> = {
  limits: 'Limits',
  policy: 'What clients may do',
  doors: 'How clients attach',
  log: 'Log',
  audit: 'Audit log',
  metrics: 'Metrics',
  security: 'Rotation and compliance',
  detection: 'Intrusion detection',
  gateway: 'Gateway',
  'sign-in': 'Signing in',
  tls: 'Encryption',
  connection: 'Connections',
  proxy: 'Proxy',
  files: 'Files',
};

const notEditable: Readonly<Record<NotEditable, string>> = {
  program: 'This names a program that is started, so it is changed in the file alone.',
  withheld:
    'What stands here may hold a secret, so it is not shown. Edit it in the file, or see Credentials.',
  'other-form': 'The file has this in another form. Edit it in the file.',
};

const units: Readonly<Record<SettingUnit, string>> = {
  milliseconds: 'ms',
  seconds: 's',
  minutes: 'min',
  days: 'days',
  bytes: 'bytes',
};

/** What the page "Settings" says. */
export const settingsTexts = {
  intro: 'All settings of the configuration file. Comments in it stay.',
  sections,
  notEditable,
  units,
  search: 'Find a setting',
  searchPlaceholder: 'A word or a key, such as timeout',
  found: (count: number) =>
    count === 0 ? 'No setting found' : plural(count, 'setting found', 'settings found'),
  nothingFound: 'Nothing fits these words',
  nothingFoundText: 'Try another word, or the key as it stands in the file.',

  file: 'Settings file',
  openFile: 'Open in editor',
  newFile: 'There is no settings file yet. Saving makes one here.',
  demo: 'These are the settings of the demo. They go away with it.',
  loadFailed: 'The settings cannot be read',
  unreadable: {
    title: 'The settings file cannot be read',
    text: 'The router goes on with the last good settings. Put the file right in an editor; it is then read by itself.',
  },
  problemsTitle: 'Something does not fit together',
  warningsTitle: 'Worth a look',
  problem: (line: number | null, path: string, message: string) =>
    `${line === null ? '' : `Line ${line}: `}${path === '' ? '' : `${path} `}${message}`,

  several: 'Several endpoints',
  severalText:
    'The settings below are what they have in common. Addresses, and what one has of its own, are edited in the file.',
  endpoint: (priority: number, weight: number) => `Priority ${priority}, weight ${weight}`,

  served: (address: string) => `Served at ${address}`,
  notServed: 'Not served right now.',

  count: (count: number) => plural(count, 'setting', 'settings'),
  set: (count: number) => `${count} set`,
  unsaved: (count: number) => plural(count, 'change not saved', 'changes not saved'),
  wrong: (count: number) => plural(count, 'problem', 'problems'),
  changed: 'Changed from the default',
  edited: 'Not saved yet',
  default: (value: string) => `Default: ${value}`,
  noDefault: 'not set',
  on: 'on',
  off: 'off',
  empty: 'empty',
  items: (count: number) => plural(count, 'item', 'items'),
  automatic: 'No value of its own',
  effective: (value: string) => `In effect: ${value}`,
  fromEnvironment: (variable: string, value: string) =>
    `The environment variable ${variable} has the last word: ${value}.`,
  atRestart: 'Takes effect when MCP Router starts the next time.',
  reset: 'Reset',
  resetWhat: (title: string) => `Reset ${title} to its default`,
  undo: 'Undo',
  undoWhat: (title: string) => `Undo the change of ${title}`,
  credentials: 'Open Credentials',
  oneToALine: 'One to a line.',
  nameToALine: 'One to a line, such as team=blue.',
  duration: (words: string) => `= ${words}`,

  checking: 'Checking...',
  isGood: 'Everything fits.',
  discard: 'Discard',
  review: 'Review changes',
  reviewTitle: 'Review changes',
  reviewText: 'Nothing is written yet. This is what changes in the file; all else stays as it is.',
  noDifference: 'The file stays as it is: it says all of this already.',
  commentsHidden: 'What stands in comments is not shown here. It stays in the file.',
  difference: 'Changes in the file',
  added: 'added',
  removed: 'removed',
  back: 'Back',
  save: 'Save',
  saved: 'Saved.',
  now: 'In effect now',
  nowWhenSaved: 'In effect at once',
  later: 'After the next start of MCP Router',
  overridden: 'Not in effect, because the environment has the last word',
  overriddenBy: (path: string, variable: string) => `${path} (${variable})`,
  notSaved: 'Not saved',
  fileChanged: {
    title: 'The file was changed meanwhile',
    text: 'Nothing was written. The newer file is shown now, with your changes on top of it. Review them again.',
  },
  fileChangedIdle: {
    title: 'The file was changed outside this window',
    text: 'What you see is the newer file, with your changes on top of it.',
  },
} as const;
