import type { ConfigProblem } from '../../shared/ipc/contract';
import type { Origin } from './config-tree';

/** One thing that is wrong with the configuration, and where. Never holds a value that could be a secret. */
export interface LocatedProblem extends ConfigProblem {
  /** 1-based; null when the problem has no column. */
  readonly column: number | null;
}

/** A problem at the place that a value came from. */
export function problemAt(
  severity: LocatedProblem['severity'],
  origin: Origin,
  message: string,
): LocatedProblem {
  switch (origin.kind) {
    case 'file':
      return { severity, path: origin.path, line: origin.line, column: origin.column, message };
    case 'environment':
      return {
        severity,
        path: origin.path,
        line: null,
        column: null,
        message: `${origin.variable} (environment): ${message}`,
      };
  }
}

/** A problem of the whole file, or of a key that is not there. */
export function problemWithoutPlace(
  severity: LocatedProblem['severity'],
  message: string,
  path = '',
): LocatedProblem {
  return { severity, path, line: null, column: null, message };
}

/** In the order of the file; errors before warnings where the line is the same. */
export function inFileOrder(problems: readonly LocatedProblem[]): readonly LocatedProblem[] {
  const weight = (problem: LocatedProblem): number => (problem.severity === 'error' ? 0 : 1);
  return [...problems].sort(
    (a, b) =>
      (a.line ?? Infinity) - (b.line ?? Infinity) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      weight(a) - weight(b) ||
      0,
  );
}
