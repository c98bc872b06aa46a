import type { ConfigKey } from './config-keys';
import { allowedValues } from './config-keys';
import { problemAt, type LocatedProblem } from './config-problems';
import {
  withNode,
  type ConfigNode,
  type ListNode,
  type MapNode,
  type Origin,
  type Scalar,
} from './config-tree';
import { variableIn, type Variables } from './environment';

/** An override that is in effect. */
export interface EnvironmentOverride {
  readonly variable: string;
  readonly path: string;
}

/** The tree with the overrides in place. */
export interface Overridden {
  readonly tree: MapNode;
  readonly overrides: readonly EnvironmentOverride[];
  readonly problems: readonly LocatedProblem[];
}

/** Puts the variables that the schema names over the tree. Other `MCP_*` variables belong to other programs. */
export function applyOverrides(tree: MapNode, keys: readonly ConfigKey[], variables: Variables): Overridden {
  const overrides: EnvironmentOverride[] = [];
  const problems: LocatedProblem[] = [];
  let overridden = tree;
  for (const key of keys) {
    const text = variableIn(variables, key.variable);
    if (text === undefined) continue;
    const origin: Origin = { kind: 'environment', path: key.path, variable: key.variable };
    if (key.type.kind === 'list') {
      overrides.push({ variable: key.variable, path: key.path });
      overridden = withNode(overridden, key.segments, listOf(text, origin));
      continue;
    }
    if (key.type.kind === 'map') {
      const map = mapOf(text, key, origin);
      if (map === null) {
        problems.push(problemAt('error', origin, 'must be written like name=text,other=text'));
        continue;
      }
      overrides.push({ variable: key.variable, path: key.path });
      overridden = withNode(overridden, key.segments, map);
      continue;
    }
    const value = typedValue(text.trim(), key);
    if (value === null) {
      problems.push(problemAt('error', origin, `must be ${allowedValues(key.type)}`));
      continue;
    }
    overrides.push({ variable: key.variable, path: key.path });
    overridden = withNode(overridden, key.segments, { kind: 'scalar', origin, value });
  }
  return { tree: overridden, overrides, problems };
}

/** The items of a list stand between commas. */
function listOf(text: string, origin: Origin): ListNode {
  const items = text.split(',').map((item) => item.trim());
  return {
    kind: 'list',
    origin,
    items: items.filter((item) => item !== '').map((value) => ({ kind: 'scalar', origin, value })),
  };
}

/** Null when an item has no name. */
function mapOf(text: string, key: ConfigKey, origin: Origin): MapNode | null {
  const entries = new Map<string, ConfigNode>();
  for (const item of text.split(',')) {
    if (item.trim() === '') continue;
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(item) ?? [];
    if (name === undefined || value === undefined) return null;
    entries.set(name, {
      kind: 'scalar',
      origin: { ...origin, path: `${key.path}.${name}` },
      value: value.trim(),
    });
  }
  return { kind: 'map', origin, entries };
}

/** Null when the text is not of the key's type. Ranges are checked with all other values. */
function typedValue(text: string, key: ConfigKey): Scalar {
  switch (key.type.kind) {
    case 'boolean':
      return booleans.get(text.toLowerCase()) ?? null;
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
    case 'text':
    case 'choice':
    case 'list':
    case 'map':
      return text;
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);
