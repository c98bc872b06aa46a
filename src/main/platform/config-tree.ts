/** Where a value was written. `path` is the path as written there, before old names were translated. */
export type Origin =
  | { readonly kind: 'file'; readonly path: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly path: string; readonly variable: string };

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly origin: Origin;
  readonly value: Scalar;
}
export interface ListNode {
  readonly kind: 'list';
  readonly origin: Origin;
  readonly items: readonly ConfigNode[];
}
export interface MapNode {
  readonly kind: 'map';
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, ConfigNode>;
}

/** A configuration in which each value remembers where it was written. Never changed in place. */
export type ConfigNode = ScalarNode | ListNode | MapNode;
export type KeyPath = readonly string[];

/** The root of a configuration without a file. */
export function emptyTree(): MapNode {
  return { kind: 'map', origin: { kind: 'file', path: '', line: 1, column: 1 }, entries: new Map() };
}

/** The node at that path; undefined when there is none. */
export function nodeAt(root: MapNode, path: KeyPath): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const key of path) {
    if (node?.kind !== 'map') return undefined;
    node = node.entries.get(key);
  }
  return node;
}

/** The tree with `node` at that path; sections on the way are created, and replace what is no section. */
export function withNode(root: MapNode, path: KeyPath, node: ConfigNode): MapNode {
  const [key, ...rest] = path;
  if (key === undefined) return root;
  const entries = new Map(root.entries);
  if (rest.length === 0) {
    entries.set(key, node);
  } else {
    const below = entries.get(key);
    const section: MapNode =
      below?.kind === 'map' ? below : { kind: 'map', origin: node.origin, entries: new Map() };
    entries.set(key, withNode(section, rest, node));
  }
  return { ...root, entries };
}

/** The tree without the node at that path. */
export function withoutNode(root: MapNode, path: KeyPath): MapNode {
  const [key, ...rest] = path;
  const below = key === undefined ? undefined : root.entries.get(key);
  if (key === undefined || below === undefined) return root;
  const entries = new Map(root.entries);
  if (rest.length === 0) entries.delete(key);
  else if (below.kind === 'map') entries.set(key, withoutNode(below, rest));
  return { ...root, entries };
}

/** The values without their origins. */
export function plainValue(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      // A null prototype, so that a key named __proto__ is a key like any other.
      return Object.assign(
        Object.create(null),
        Object.fromEntries([...node.entries].map(([key, value]) => [key, plainValue(value)])),
      );
  }
}

/** The nearest existing node on the way to that path; the root when nothing of it exists. */
export function nearestNode(root: MapNode, path: KeyPath): ConfigNode {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return root;
}
