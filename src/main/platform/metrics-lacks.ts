import type { MetricsConfig } from '../../shared/model/config';
import type { CheckedMachine, Finding } from './config-check';
import { fileMessage } from './file-message';

/** Whether the token that `metrics` names is there; the engine looks in the same order. */
export async function findMetricsLacks(
  config: MetricsConfig,
  machine: CheckedMachine,
): Promise<readonly Finding[]> {
  if (config.enabled === false) return [];
  const { token_secure_key: entry, token_env: variable, token_file: path } = config;
  if (entry !== undefined) return lacking('token_secure_key', await entryProblem(entry, machine));
  if (variable !== undefined) {
    const value = machine.environment.variable(variable) ?? '';
    return lacking('token_env', value.trim() === '' ? `the variable ${variable} is not set` : null);
  }
  if (path === undefined) return [];
  const lookup = await machine.filesWith(() => undefined).readCredential(path);
  return lacking('token_file', lookup.kind === 'found' ? null : fileMessage(lookup));
}

async function entryProblem(name: string, { secrets }: CheckedMachine): Promise<string | null> {
  const lookup = await secrets.read(name);
  switch (lookup.kind) {
    case 'found':
      return null;
    case 'absent':
      return `the keychain has no entry "${name}"; store it with: mcp-router token set ${name}`;
    case 'locked-or-removed':
      return `the keychain is locked, or the entry "${name}" was removed from it by another program`;
    case 'unavailable':
      return `no keychain answers: ${lookup.reason}`;
  }
}

const lacking = (key: string, message: string | null): readonly Finding[] =>
  message === null ? [] : [{ severity: 'lacking', path: `metrics.${key}`, message }];
