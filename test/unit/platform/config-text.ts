import { evaluateConfigText, type LoadedConfig } from '../../../src/main/platform/load-config';

/** Judges YAML text as if it stood in a file of a Linux user. */
export function judge(text: string, env: Record<string, string> = {}): LoadedConfig {
  return evaluateConfigText(text, '/home/ann/mcp-router.yaml', {
    place: { platform: 'linux', env, home: '/home/ann' },
    cwd: '/home/ann',
    uid: 1000,
  });
}

/** `severity line path: message` of each problem. */
export function problemLines(loaded: LoadedConfig): readonly string[] {
  if (loaded.kind !== 'valid' && loaded.kind !== 'invalid') return [loaded.kind];
  return loaded.problems.map(
    ({ severity, line, path, message }) => `${severity} ${line ?? '-'} ${path}: ${message}`,
  );
}
