import { routerConfigSchema, type RouterConfig } from '../../shared/model/config';
import { allowedValues, type ConfigKey, type KeyType } from './config-keys';
import { problemAt, problemWithoutPlace, type LocatedProblem } from './config-problems';
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
  const whole =
    typeof value === 'object' && value !== null && !('gateway' in value) ? { ...value, gateway: {} } : value;
  const result = routerConfigSchema.safeParse(whole);
  if (result.success) return { kind: 'typed', config: result.data };
  return { kind: 'wrong', problems: result.error.issues.map((issue) => valueProblem(issue, tree, keys)) };
}

function valueProblem(issue: Issue, tree: MapNode, keys: readonly ConfigKey[]): LocatedProblem {
  // An item of a list has no path of its own; its line is found below.
  const item = issue.path.findIndex((part) => typeof part === 'number');
  const segments = (item === -1 ? issue.path : issue.path.slice(0, item)).map(String);
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
  const key = keys.find((candidate) => candidate.path === path) ?? mapAbove(path, keys);
  if (key === undefined) return problemAt('error', node.origin, 'is not valid');
  const at = item === -1 || node.kind !== 'list' ? node : (node.items[Number(issue.path[item])] ?? node);
  return problemAt('error', at.origin, valueMessage(issue, key, at));
}

const mapAbove = (path: string, keys: readonly ConfigKey[]): ConfigKey | undefined =>
  keys.find((candidate) => candidate.type.kind === 'map' && path.startsWith(`${candidate.path}.`));

function missingMessage(path: string): string {
  return path === 'gateway.url'
    ? 'is missing: write the address of the gateway, such as url: wss://gateway.example.com:8443/'
    : 'is missing';
}

function valueMessage(issue: Issue, key: ConfigKey, node: ConfigNode): string {
  if (key.type.kind === 'list') return listMessage(issue, key.type, node);
  if (key.type.kind === 'map') {
    const isItem = issue.path.join('.') !== key.path;
    return isItem ? 'must be a text; put it in quotes' : `must be a section: ${allowedValues(key.type)}`;
  }
  if (node.kind !== 'scalar')
    return `must be ${allowedValues(key.type)}, not a ${node.kind === 'map' ? 'section' : 'list'}`;
  if (node.value === null) return `has no value; write ${allowedValues(key.type)}, or remove the key`;
  if (key.type.kind === 'text') {
    return typeof node.value === 'string'
      ? 'must not be empty; remove the key to use its default'
      : 'must be a text; put it in quotes';
  }
  const isAboveMinimum = issue.code === 'too_small' && issue.inclusive === false;
  const allowed = isAboveMinimum ? `more than ${issue.minimum}` : allowedValues(key.type);
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
