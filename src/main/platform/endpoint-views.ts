import { keysForAllEndpoints, mergedSections } from '../../shared/model/endpoint-defaults';
import { nodeAt, withNode, withoutNode, type ConfigNode, type MapNode } from './config-tree';

/** Where the list of endpoints stands. */
export const ENDPOINTS_PATH = ['gateway_pool', 'endpoints'] as const;

/** The items of `gateway_pool.endpoints`; empty when there is no such list. */
export function endpointNodes(tree: MapNode): readonly ConfigNode[] {
  const list = nodeAt(tree, ENDPOINTS_PATH);
  return list?.kind === 'list' ? list.items : [];
}

/** The tree with each endpoint changed by a function that sees it as `gateway`. */
export function withEndpoints(tree: MapNode, change: (view: MapNode) => MapNode): MapNode {
  const list = nodeAt(tree, ENDPOINTS_PATH);
  if (list?.kind !== 'list') return tree;
  const items = list.items.map((item) => nodeAt(change(alone(item, tree)), ['gateway']) ?? item);
  return withNode(tree, ENDPOINTS_PATH, { ...list, items });
}

/**
 * One tree for each endpoint, in which `gateway` is that endpoint with everything that it takes from the common part
 * (the schema fills it up by the same rules). Without a list of endpoints the tree itself.
 */
export function endpointViews(tree: MapNode): readonly MapNode[] {
  const endpoints = endpointNodes(tree);
  if (endpoints.length === 0) return [tree];
  const shared = nodeAt(tree, ['gateway']);
  return endpoints.map((endpoint) =>
    withNode(
      withoutNode(tree, ['gateway_pool']),
      ['gateway'],
      endpoint.kind === 'map' && shared?.kind === 'map' ? filledUp(endpoint, shared) : endpoint,
    ),
  );
}

/** True for a key below `gateway` that an endpoint cannot have of its own. */
export const isForAllEndpoints = (path: string): boolean => keysForAllEndpoints.has(path);

function filledUp(endpoint: MapNode, shared: MapNode): MapNode {
  const entries = new Map([...shared.entries, ...endpoint.entries]);
  for (const name of mergedSections) {
    const [own, common] = [endpoint.entries.get(name), shared.entries.get(name)];
    if (own?.kind !== 'map' || common?.kind !== 'map') continue;
    entries.set(name, { ...own, entries: new Map([...common.entries, ...own.entries]) });
  }
  return { ...endpoint, entries };
}

const alone = (endpoint: ConfigNode, tree: MapNode): MapNode => ({
  ...tree,
  entries: new Map([['gateway', endpoint]]),
});
