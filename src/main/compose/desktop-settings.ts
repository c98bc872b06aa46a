import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';

import type { CommandResult, HandlersOf } from '../../shared/ipc/call';
import type { ConfigProblem } from '../../shared/ipc/contract';
import type {
  EndpointSummary,
  Setting,
  SettingChanges,
  settingsCalls,
  SettingsFile,
  SettingsRefusal,
} from '../../shared/ipc/settings-calls';
import { parseConfigText } from '../platform/config-file';
import { shownAddress } from '../platform/config-report';
import { evaluateConfigText, type LoadedConfig, type LoadOptions } from '../platform/load-config';
import type { Machine } from '../platform/machine';
import { configSearchPaths, ownConfigPath } from '../platform/paths';
import { describeSettings, type DescribedSetting } from '../platform/setting-descriptions';
import { settingsCandidate, type SettingsCandidate } from '../platform/settings-edit';
import { settingsDiff } from '../platform/settings-diff';
import { readSettingsText, writeSettingsText, type SettingsText } from '../platform/settings-file';

/** Opens a file in the program that the system has for it; answers with what went wrong, or with nothing. */
export type OpenPath = (path: string) => Promise<string>;

/** What the page stands on. */
export interface DesktopSettingsParts {
  readonly machine: Pick<Machine, 'loadConfig' | 'place'>;
  readonly load: LoadOptions;
  readonly openPath: OpenPath;
}

type Read = Extract<SettingsText, { kind: 'read' }>;
type Valid = Extract<SettingsCandidate, { kind: 'candidate' }>;

/** The configuration file for the window: described, checked, compared and written, never shown as it stands. */
export function desktopSettings(parts: DesktopSettingsParts): HandlersOf<typeof settingsCalls> {
  const page = new DesktopSettings(parts);
  return {
    'settings.get': () => page.file(),
    'settings.check': async (changes) => {
      const checked = await page.candidate(changes);
      return 'refusal' in checked
        ? checked.refusal
        : { kind: 'valid', problems: plain(checked.valid.problems) };
    },
    'settings.preview': async (changes) => {
      const checked = await page.candidate(changes);
      if ('refusal' in checked) return checked.refusal;
      const { text, outcome, problems } = checked.valid;
      const lines = settingsDiff(checked.before.exists ? checked.before.text : '', text);
      return { kind: 'preview', lines, outcome, problems: plain(problems) };
    },
    'settings.save': async (changes) => {
      const checked = await page.candidate(changes);
      return 'refusal' in checked ? checked.refusal : page.write(checked);
    },
    'settings.open-file': () => page.open(),
  };
}

/** Changes that can be written. */
interface Checked {
  readonly path: string;
  readonly before: Read;
  readonly valid: Valid;
}

class DesktopSettings {
  private readonly key = randomBytes(32);

  constructor(private readonly parts: DesktopSettingsParts) {}

  async file(): Promise<SettingsFile> {
    const path = await this.path();
    if (path === null)
      return unreadable('', [wholeFile('This user has no home folder to keep settings in.')]);
    const read = await this.read(path);
    if (read.kind === 'refused') return unreadable(path, [wholeFile(read.problem)]);
    const { tree, problems } = parseConfigText(read.text);
    if (tree === null) return unreadable(path, plain(problems));
    const loaded = evaluateConfigText(read.text, path, this.parts.load);
    const settings = describeSettings({ tree, loaded, variables: this.parts.load.place.env });
    return {
      kind: 'readable',
      path,
      exists: read.exists,
      revision: read.revision,
      settings: settings.map(forPage),
      problems: loaded.kind === 'valid' || loaded.kind === 'invalid' ? plain(loaded.problems) : [],
      endpoints: endpointsOf(loaded),
    };
  }

  async candidate({
    revision,
    changes,
  }: SettingChanges): Promise<Checked | { readonly refusal: SettingsRefusal }> {
    const path = await this.path();
    if (path === null) return refusal('This user has no home folder to keep settings in.');
    const before = await this.read(path);
    if (before.kind === 'refused') return refusal(before.problem);
    if (before.revision !== revision) return { refusal: { kind: 'changed' } };
    const candidate = settingsCandidate(before.text, changes, { path, load: this.parts.load });
    if (candidate.kind === 'refused') return refusal(candidate.message);
    if (!candidate.isValid) return { refusal: { kind: 'invalid', problems: plain(candidate.problems) } };
    return { path, before, valid: candidate };
  }

  async write({
    path,
    before,
    valid,
  }: Checked): Promise<SettingsRefusal | { readonly kind: 'saved'; readonly outcome: Valid['outcome'] }> {
    const written = await writeSettingsText(path, { before, text: valid.text }, this.parts.load, this.key);
    return written.kind === 'written' ? { kind: 'saved', outcome: valid.outcome } : written;
  }

  async open(): Promise<CommandResult> {
    const path = await this.path();
    const failed = (message: string): CommandResult => ({ ok: false, code: 'config-unreadable', message });
    if (path === null) return failed('There is no settings file.');
    // The system starts whatever it has for the ending; for other endings that could be the file itself.
    if (!editable.has(extname(path).toLowerCase())) return failed(`Open ${path} in an editor.`);
    const problem = await this.parts.openPath(path);
    return problem === '' ? { ok: true } : failed(`${path} could not be opened: ${problem}`);
  }

  private read(path: string): Promise<SettingsText> {
    return readSettingsText(path, this.parts.load, this.key);
  }

  /** The file in use, or the one that saving makes. */
  private async path(): Promise<string | null> {
    const { machine } = this.parts;
    const loaded = await machine.loadConfig();
    if (loaded.kind === 'absent') return loaded.savePath;
    if (loaded.path !== null) return loaded.path;
    // Everything comes from the environment so far.
    const [first = null] = configSearchPaths(machine.place);
    return ownConfigPath(machine.place) === undefined ? null : first;
  }
}

const editable: ReadonlySet<string> = new Set(['.yaml', '.yml']);

function forPage({ editPath: _place, variable: _variable, ...setting }: DescribedSetting): Setting {
  return setting;
}

function endpointsOf(loaded: LoadedConfig): readonly EndpointSummary[] {
  if (loaded.kind !== 'valid') return [];
  const { endpoints } = loaded.config.gateway_pool;
  if (endpoints.length < 2) return [];
  return endpoints.map(({ url, priority, weight }) => ({ address: shownAddress(url), priority, weight }));
}

const plain = (problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.map(({ severity, path, line, message }) => ({ severity, path, line, message }));

const wholeFile = (message: string): ConfigProblem => ({ severity: 'error', path: '', line: null, message });

const unreadable = (path: string, problems: readonly ConfigProblem[]): SettingsFile => ({
  kind: 'unreadable',
  path,
  problems,
});

const refusal = (message: string): { readonly refusal: SettingsRefusal } => ({
  refusal: { kind: 'refused', message },
});
