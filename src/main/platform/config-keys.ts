import { routerConfigSchema } from '../../shared/model/config';
import type { KeyPath } from './config-tree';

/** What a key accepts. */
export type KeyType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  | { readonly kind: 'number'; readonly isWhole: boolean; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** Texts, one below the other; separated by commas in an environment variable. `of` is what each may be. */
  | { readonly kind: 'list'; readonly of: KeyType }
  /** Names with a text each; `name=text` separated by commas in an environment variable. */
  | { readonly kind: 'map' };

/** One key that can be set, as the schema has it. */
export interface ConfigKey {
  /** Such as `gateway.tls.verify`. */
  readonly path: string;
  readonly segments: KeyPath;
  /** The environment variable that overrides it, such as `MCP_GATEWAY_TLS_VERIFY`. */
  readonly variable: string;
  readonly type: KeyType;
  /** Undefined where the schema has none: what happens then depends on other keys, or on nothing. */
  readonly defaultValue: unknown;
}

/** The part of a zod schema that is read here; zod itself is imported by the model alone. */
interface SchemaNode {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly innerType?: SchemaNode;
      readonly defaultValue?: unknown;
      /** What a transformation starts from, and what it leads to. */
      readonly in?: SchemaNode;
      readonly out?: SchemaNode;
      readonly element?: SchemaNode;
      readonly shape?: Readonly<Record<string, SchemaNode>>;
      readonly entries?: Readonly<Record<string, string | number>>;
    };
  };
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
  readonly isInt?: boolean;
}

/** Every key of the schema, in its order. */
export function configKeys(schema: SchemaNode = routerConfigSchema): readonly ConfigKey[] {
  return keysBelow(schema, [], undefined);
}

/** The paths of all sections above the given keys, such as `gateway` and `gateway.tls`. */
export function sectionPaths(keys: readonly ConfigKey[]): ReadonlySet<string> {
  return new Set(
    keys.flatMap(({ segments }) =>
      segments.slice(0, -1).map((_, end) => segments.slice(0, end + 1).join('.')),
    ),
  );
}

/** What a key accepts, in words that follow "must be". */
export function allowedValues(type: KeyType): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'text':
      return 'a text';
    case 'number':
      return `a ${type.isWhole ? 'whole ' : ''}number from ${type.min} to ${type.max}`;
    case 'choice':
      return `one of ${type.choices.map((choice) => `"${choice}"`).join(', ')}`;
    case 'list':
      return type.of.kind === 'choice' ? `a list; each item ${allowedValues(type.of)}` : 'a list of texts';
    case 'map':
      return 'names with a text each';
  }
}

function keysBelow(schema: SchemaNode, segments: KeyPath, defaultValue: unknown): readonly ConfigKey[] {
  const { def } = schema._zod;
  const inner = def.innerType ?? (def.in?._zod.def.type === 'transform' ? def.out : def.in);
  // The endpoints of a list have no names of their own, and so no variables either: `endpoint-views.ts` has them.
  if (segments.join('.') === 'gateway_pool') return [];
  if (inner !== undefined)
    return keysBelow(inner, segments, def.type === 'default' ? def.defaultValue : defaultValue);
  if (def.shape !== undefined) {
    return Object.entries(def.shape).flatMap(([key, below]) =>
      keysBelow(below, [...segments, key], undefined),
    );
  }
  return [
    {
      path: segments.join('.'),
      segments,
      variable: `MCP_${segments.join('_').toUpperCase()}`,
      type: keyType(schema, segments),
      defaultValue,
    },
  ];
}

function keyType(schema: SchemaNode, segments: KeyPath): KeyType {
  const { def } = schema._zod;
  switch (def.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'string':
      return { kind: 'text' };
    case 'number':
      return {
        kind: 'number',
        isWhole: schema.isInt === true,
        min: schema.minValue ?? -Infinity,
        max: schema.maxValue ?? Infinity,
      };
    case 'enum':
      return { kind: 'choice', choices: Object.values(def.entries ?? {}).map(String) };
    case 'array':
      return {
        kind: 'list',
        of: def.element === undefined ? { kind: 'text' } : keyType(def.element, segments),
      };
    case 'record':
      return { kind: 'map' };
    default:
      throw new Error(`${segments.join('.')}: the schema type ${def.type} has no reading here yet`);
  }
}
