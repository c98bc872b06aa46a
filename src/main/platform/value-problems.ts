import { routerConfigSchema, type RouterConfig } from '../../shared/model/config';
import { allowedValues, type ConfigKey, type KeyType } from './config-keys';
import { problemAt, problemWithoutPlace, type LocatedProblem } from './config-problems';
import { endpointViews } from './endpoint-views';
import { nearestNode, nodeAt, plainValue, type ConfigNode, type MapNode } from './config-tree';
import { shown } from './shown-text';

/** The typed configuration, or what is wrong with the values. */
export type CheckedValues =
  | { readonly kind: 'typed'; readonly config: RouterConfig }
  | { readonly kind: 'wrong'; readonly problems: readonly LocatedProblem[] };

type ParseResult = ReturnType<typeof routerConfigSchema.safeParse>;
type Issue = NonNullable<ParseResult['error']>['issues'][number];

/** Checks types and ranges of a tree that holds known keys only. */
export function checkValues(tree: MapNode, keys: readonly ConfigKey[]): CheckedValues {
  const value = plainValue(tree);
  const isNamed =
    typeof value !== 'object' || value === null || 'gateway' in value || 'gateway_pool' in value;
  const result = routerConfigSchema.safeParse(isNamed ? value : { ...value, gateway: {} });
  if (result.success) return { kind: 'typed', config: result.data };
  const problems = result.error.issues.map((issue) => valueProblem(issue, tree, keys));
  // What endpoints have in common is wrong for each of them, and said once.
  return { kind: 'wrong', problems: withoutRepeats(problems) };
}

/** One of each: the same words about the same place. */
export function withoutRepeats(problems: readonly LocatedProblem[]): readonly LocatedProblem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem] as const));
  return [...seen.values()];
}

function valueProblem(issue: Issue, root: MapNode, keys: readonly ConfigKey[]): LocatedProblem {
  const { tree, rest } = placeOf(issue, root);
  // An item of a list has no path of its own; its line is found below.
  const item = rest.findIndex((part) => typeof part === 'number');
  const segments = (item === -1 ? rest : rest.slice(0, item)).map(String);
  const path = segments.join('.');
  const node = nodeAt(tree, segments);
  if (node === undefined) {
    const holder = nearestNode(tree, segments);
    const message = missingMessage(path);
    // Without a file there is no line to point at.
    return holder === tree
      ? problemWithoutPlace('error', message, path)
      : { ...problemAt('error', holder.origin, message), path };
  }
  // The words of the configuration as a whole.
  if (issue.code === 'custom') return problemAt('error', node.origin, issue.message);
  if (path === 'gateway_pool.endpoints') return problemAt('error', node.origin, 'has too many endpoints');
  const type =
    keys.find((candidate) => candidate.path === path)?.type ?? typeAbove(path, keys) ?? endpointKeyType(path);
  if (type === undefined) return problemAt('error', node.origin, 'is not valid');
  const at = item === -1 || node.kind !== 'list' ? node : (node.items[Number(rest[item])] ?? node);
  return problemAt('error', at.origin, valueMessage(issue, type, at));
}

/** What an endpoint has is looked for in its own view, where it is `gateway`. */
function placeOf(
  { path }: Issue,
  tree: MapNode,
): { readonly tree: MapNode; readonly rest: readonly PropertyKey[] } {
  const [pool, list, index, ...rest] = path;
  if (pool !== 'gateway_pool' || list !== 'endpoints' || typeof index !== 'number')
    return { tree, rest: path };
  return { tree: endpointViews(tree)[index] ?? tree, rest: ['gateway', ...rest] };
}

/** The schema's ranges of what is about choosing an endpoint. */
function endpointKeyType(path: string): KeyType | undefined {
  if (path !== 'gateway.priority' && path !== 'gateway.weight') return undefined;
  return { kind: 'number', isWhole: true, min: path === 'gateway.priority' ? 0 : 1, max: 1000 };
}

/** What an item of a map of texts has to be. */
const typeAbove = (path: string, keys: readonly ConfigKey[]): KeyType | undefined =>
  keys.some(({ type, path: map }) => type.kind === 'map' && path.startsWith(`${map}.`))
    ? { kind: 'text' }
    : undefined;

function missingMessage(path: string): string {
  return path === 'gateway.url'
    ? 'is missing: write the address of the gateway, such as url: wss://gateway.example.com:8443/'
    : 'is missing';
}

function valueMessage(issue: Issue, type: KeyType, node: ConfigNode): string {
  if (type.kind === 'list') return listMessage(issue, type, node);
  if (type.kind === 'map') return `must be a section: ${allowedValues(type)}`;
  if (node.kind !== 'scalar')
    return `must be ${allowedValues(type)}, not a ${node.kind === 'map' ? 'section' : 'list'}`;
  if (node.value === null) return `has no value; write ${allowedValues(type)}, or remove the key`;
  if (type.kind === 'text') {
    return typeof node.value === 'string'
      ? 'must not be empty; remove the key to use its default'
      : 'must be a text; put it in quotes';
  }
  const isAboveMinimum = issue.code === 'too_small' && issue.inclusive === false;
  const allowed = isAboveMinimum ? `more than ${issue.minimum}` : allowedValues(type);
  return `must be ${allowed}, not ${shownValue(node.value)}`;
}

function listMessage(issue: Issue, type: KeyType & { kind: 'list' }, node: ConfigNode): string {
  const isItem = issue.path.some((part) => typeof part === 'number');
  if (node.kind === 'list' && !isItem)
    return `must not be empty; write ${allowedValues(type)}, or remove the key`;
  if (node.kind === 'list') return `must be ${allowedValues(type)}, not of lists`;
  if (node.kind === 'map') return `must be ${allowedValues(type)}, not a section`;
  if (type.of.kind !== 'choice') {
    // The words of the schema itself; they hold nothing of the value.
    return issue.code === 'invalid_format' ? issue.message : `must be ${allowedValues(type)}`;
  }
  const isName = typeof node.value === 'string' && /^[A-Z0-9_-]{1,60}$/i.test(node.value);
  return `${isName ? `"${shown(node.value)}" ` : ''}must be ${allowedValues(type.of)}`;
}

/** Only values of switches, numbers and choices get here; a text could be a misplaced secret. */
function shownValue(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return value.length <= 20 && /^[\w .-]*$/.test(value) ? `"${shown(value)}"` : 'what it is now';
}
