import { labelsProblem, metricsEndpoint } from '../../shared/model/metrics-endpoint';
import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type ConfigNode, type MapNode } from './config-tree';
import { looksLikeSecret, referenceProblem } from './inline-secrets';

type Report = (severity: LocatedProblem['severity'], node: ConfigNode, message: string) => void;
type Lookup = (key: string) => ConfigNode | undefined;

const TOKENS = ['token_secure_key', 'token_env', 'token_file'] as const;

/** What types cannot say about `metrics`. */
export function checkMetrics(tree: MapNode): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const report: Report = (severity, node, message) => {
    problems.push(problemAt(severity, node.origin, message));
  };
  const at: Lookup = (key) => nodeAt(tree, ['metrics', key]);
  checkEndpoint(at, report);
  checkToken(at, report);
  checkLabels(at, report);
  return problems;
}

function checkEndpoint(at: Lookup, report: Report): void {
  const node = at('endpoint');
  const text = textOf(node);
  if (node === undefined || text === undefined || text === '') return;
  const endpoint = metricsEndpoint(text);
  if (endpoint === null) {
    report('error', node, 'must be written like localhost:9091 (host:port, without scheme and path)');
    return;
  }
  const enabled = at('enabled');
  const isOff = enabled?.kind === 'scalar' && enabled.value === false;
  if (endpoint.isLocal || isOff) return;
  const hasToken = TOKENS.some((key) => at(key) !== undefined);
  if (hasToken) {
    report('warning', node, 'is open to other machines, and the token travels to it unencrypted');
  } else {
    report(
      'error',
      node,
      'is open to other machines, so it needs a token: name it with metrics.token_secure_key, token_env or token_file, or use localhost',
    );
  }
}

function checkToken(at: Lookup, report: Report): void {
  const named = TOKENS.flatMap((key) => at(key) ?? []);
  for (const node of named) {
    const text = textOf(node);
    const problem = text === undefined ? null : referenceProblem(node.origin.path, text);
    if (problem !== null) report('error', node, problem);
  }
  for (const other of named.slice(1)) {
    report('warning', other, 'is not used, because another token_ key of metrics is set');
  }
}

function checkLabels(at: Lookup, report: Report): void {
  const node = at('labels');
  if (node?.kind !== 'map') return;
  const labels: [string, string][] = [];
  for (const [name, item] of node.entries) {
    const text = textOf(item);
    if (text === undefined) continue;
    labels.push([name, text]);
    if (looksLikeSecret(text))
      report('error', item, 'looks like a secret; labels are shown with each metric');
  }
  const problem = labelsProblem(Object.fromEntries(labels));
  if (problem !== null) report('error', node, problem);
}

const textOf = (node: ConfigNode | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value.trim() : undefined;
