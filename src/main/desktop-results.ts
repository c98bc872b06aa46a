import type { CommandResult, ConfigProblem } from '../shared/ipc/contract';
import type { RouterConfig } from '../shared/model/config';
import { errorSentence, type ErrorCode } from '../shared/model/errors';
import type { SaveOutcome } from './desktop-machine';

/** What is known about the configuration file right now. */
export type ConfigSituation =
  | {
      readonly kind: 'valid';
      readonly config: RouterConfig;
      readonly path: string;
      readonly problems: readonly ConfigProblem[];
    }
  | { readonly kind: 'unusable'; readonly path: string; readonly problems: readonly ConfigProblem[] }
  /** There is none yet; `path` is where saving creates it. */
  | { readonly kind: 'absent'; readonly path: string };

/** What is wrong with a configuration, in one text. */
export const errorsOf = (problems: readonly ConfigProblem[]): string =>
  problems
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join(' ');

/** The answer to a command that needs a configuration. */
export function notConfigured(situation: ConfigSituation): CommandResult {
  const code: ErrorCode = situation.kind === 'absent' ? 'config-unreadable' : 'config-invalid';
  const message =
    situation.kind === 'absent'
      ? 'Enter the address of your gateway first.'
      : errorSentence('config-invalid');
  return { ok: false, code, message };
}

/** What saving came to, as the window is told. */
export function resultOf(outcome: SaveOutcome): CommandResult {
  if (outcome.kind === 'saved') return { ok: true };
  const { code, message, field } = outcome;
  return { ok: false, code, message, ...(field === undefined ? {} : { field }) };
}
