import { metricsEndpoint } from '../../shared/model/metrics-endpoint';
import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type MapNode } from './config-tree';

/** What types cannot say about `local.http`. */
export function checkHttpDoor(tree: MapNode): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const address = nodeAt(tree, ['local', 'http', 'address']);
  if (address?.kind === 'scalar' && typeof address.value === 'string' && address.value.trim() !== '') {
    const endpoint = metricsEndpoint(address.value);
    const message =
      endpoint === null
        ? 'must be written like 127.0.0.1:9642 (host:port, without scheme and path)'
        : 'must be an address of this machine alone, such as 127.0.0.1:9642: nobody else may reach the clients’ door';
    if (endpoint?.isLocal !== true) problems.push(problemAt('error', address.origin, message));
  }
  const origins = nodeAt(tree, ['local', 'http', 'allowed_origins']);
  for (const item of origins?.kind === 'list' ? origins.items : []) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || isOrigin(item.value.trim())) continue;
    const message = 'must be an origin as browsers write it, such as https://app.example.com, without a path';
    problems.push(problemAt('error', item.origin, message));
  }
  return problems;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
