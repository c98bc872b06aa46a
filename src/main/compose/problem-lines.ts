import type { LoadedConfig } from '../platform/load-config';

/** One line for a person: where, what. */
export function problemLines(loaded: Exclude<LoadedConfig, { kind: 'valid' }>): readonly string[] {
  switch (loaded.kind) {
    case 'invalid':
      return loaded.problems
        .filter(({ severity }) => severity === 'error')
        .map(({ line, path, message }) => {
          const place =
            line === null ? (loaded.path ?? 'environment') : `${loaded.path ?? ''}:${String(line)}`;
          return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
        });
    case 'unreadable':
      return [loaded.problem];
    case 'absent':
      return [`There is no configuration. Looked for: ${loaded.searched.join(', ')}, and MCP_GATEWAY_URL.`];
  }
}
