import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, withNode, withoutNode, type ConfigNode, type KeyPath, type MapNode } from './config-tree';
import { translateBreaker } from './breaker-keys';
import { ENDPOINTS_PATH, withEndpoints } from './endpoint-views';

/** Keys of the Go router that mean nothing here, and why. A section covers all that is below it. */
export const meaninglessKeys: ReadonlyMap<string, string> = new Map([
  ['version', 'this router has one version of its configuration'],
  ['direct', 'this router only talks to a gateway'],
  ['tracing', 'this router sends no traces'],
  ['local.read_buffer_size', 'buffers grow as needed, up to local.max_line_bytes'],
  ['local.write_buffer_size', 'buffers grow as needed, up to local.max_line_bytes'],
  ['local.rate_limit.provider', 'there is one kind of rate limit'],
  ['local.rate_limit.window_size', 'the rate limit has no window'],
  ['logging.include_caller', 'log lines name no source line'],
  ['logging.sampling', 'every event is logged'],
  ['metrics.path', 'it is /metrics'],
  ['gateway.auth.per_message_cache', 'nothing is cached per message'],
  ['gateway.connection.max_connections', 'gateway.connection.pool.max_connections is per client'],
  ['gateway.connection.max_connections_per_ip', 'gateway.connection.pool.max_connections is per client'],
  ['gateway.connection.buffer_size', 'the limit is gateway.max_message_bytes'],
  ['gateway.tls.enabled', 'the scheme of gateway.url decides (wss:// is encrypted)'],
  ['gateway.weight', 'there is one endpoint'],
  ['gateway.priority', 'there is one endpoint'],
  ['gateway.tags', 'endpoints are not chosen by method'],
  ['gateway_pool.load_balancer', 'priority and weight of the endpoints decide'],
  ['gateway_pool.service_discovery', 'the endpoints are those of the configuration'],
  ['gateway_pool.namespace_routing', 'priority and weight of the endpoints decide'],
  ['advanced.circuit_breaker.timeout_duration', 'gateway.connection.timeout_ms limits a dial'],
  ['advanced.circuit_breaker.monitoring_window', 'what counts is how often in a row it failed'],
  ['advanced.compression', 'messages are not compressed'],
  ['advanced.deduplication', 'requests are never merged'],
  ['advanced.debug.save_failures', 'messages are never written to disk'],
  ['advanced.debug.failure_dir', 'messages are never written to disk'],
  ['advanced.debug.enable_pprof', 'there is no profiler'],
  ['advanced.debug.pprof_port', 'there is no profiler'],
]);

/** Other names of the same key. */
const keyAliases: readonly (readonly [from: KeyPath, to: KeyPath])[] = [
  [
    ['gateway', 'tls', 'ca_file'],
    ['gateway', 'tls', 'ca_cert_path'],
  ],
  [
    ['local', 'rate_limit', 'requests_per_sec'],
    ['local', 'rate_limit', 'requests_per_second'],
  ],
];

/** A tree in this router's own names, and what could not be translated. */
export interface Translation {
  readonly tree: MapNode;
  readonly problems: readonly LocatedProblem[];
}

/** Puts the Go router's spelling into ours: `gateway_pool`, key aliases, `format: console`, unquoted versions. */
export function translateGoRouterKeys(tree: MapNode): Translation {
  const pool = translatePool(tree);
  const breaker = translateBreaker(pool.tree);
  const problems = [...pool.problems, ...breaker.problems];
  const renamed = (one: MapNode): MapNode => {
    const { tree: names, problems: clashes } = renameKeys(one);
    problems.push(...clashes);
    return translateValues(names);
  };
  return { tree: withEndpoints(renamed(breaker.tree), renamed), problems };
}

function translatePool(tree: MapNode): Translation {
  const pool = nodeAt(tree, ['gateway_pool']);
  if (pool === undefined) return { tree, problems: [] };
  if (pool.kind !== 'map') {
    return {
      tree: withoutNode(tree, ['gateway_pool']),
      problems: [problemAt('error', pool.origin, 'must be a section with endpoints below it')],
    };
  }
  const endpoints = pool.entries.get('endpoints');
  const problem = endpointProblem(pool, endpoints);
  const named = namespaceMoved(tree, pool);
  if (problem !== null) return { tree: withoutNode(named, ENDPOINTS_PATH), problems: [problem] };
  const [only, ...others] = endpoints?.kind === 'list' ? endpoints.items : [];
  const gateway = nodeAt(tree, ['gateway']);
  const isAlone = others.length === 0 && (gateway === undefined || isEmptySection(gateway));
  if (!isAlone || only?.kind !== 'map') return { tree: named, problems: [] };
  // One endpoint is the gateway, and the Go router's own keys about choosing one mean nothing.
  const namespace = nodeAt(named, ['gateway', 'default_namespace']);
  const moved = withNode(withoutNode(named, ENDPOINTS_PATH), ['gateway'], only);
  return {
    tree: namespace === undefined ? moved : withNode(moved, ['gateway', 'default_namespace'], namespace),
    problems: [],
  };
}

function namespaceMoved(tree: MapNode, pool: MapNode): MapNode {
  const namespace = pool.entries.get('default_namespace');
  if (namespace === undefined) return tree;
  const without = withoutNode(tree, ['gateway_pool', 'default_namespace']);
  return withNode(without, ['gateway', 'default_namespace'], namespace);
}

function endpointProblem(pool: MapNode, endpoints: ConfigNode | undefined): LocatedProblem | null {
  if (endpoints === undefined) {
    return problemAt(
      'error',
      pool.origin,
      'has no "endpoints"; write "gateway:" with "url:" below it instead',
    );
  }
  if (endpoints.kind !== 'list' || endpoints.items.length === 0) {
    return problemAt('error', endpoints.origin, 'must be a list with one endpoint or more');
  }
  const wrong = endpoints.items.find(({ kind }) => kind !== 'map');
  return wrong === undefined ? null : problemAt('error', wrong.origin, 'must be a section with "url" in it');
}

function renameKeys(tree: MapNode): Translation {
  const problems: LocatedProblem[] = [];
  let renamed = tree;
  for (const [from, to] of keyAliases) {
    const node = nodeAt(renamed, from);
    if (node === undefined) continue;
    renamed = withoutNode(renamed, from);
    if (nodeAt(renamed, to) === undefined) renamed = withNode(renamed, to, node);
    else
      problems.push(
        problemAt('error', node.origin, `is another name of ${to.join('.')}; keep one of the two`),
      );
  }
  return { tree: renamed, problems };
}

function translateValues(tree: MapNode): MapNode {
  let translated = tree;
  const format = nodeAt(tree, ['logging', 'format']);
  if (format?.kind === 'scalar' && format.value === 'console') {
    translated = withNode(translated, ['logging', 'format'], { ...format, value: 'text' });
  }
  const version = nodeAt(tree, ['gateway', 'tls', 'min_version']);
  if (version?.kind === 'scalar' && (version.value === 1.2 || version.value === 1.3)) {
    translated = withNode(translated, ['gateway', 'tls', 'min_version'], {
      ...version,
      value: String(version.value),
    });
  }
  return translated;
}

function isEmptySection(node: ConfigNode): boolean {
  return node.kind === 'map' ? node.entries.size === 0 : node.kind === 'scalar' && node.value === null;
}
