import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, withNode, withoutNode, type ConfigNode, type KeyPath, type MapNode } from './config-tree';

const POOL = ['gateway_pool', 'circuit_breaker'] as const;
const OURS = ['advanced', 'circuit_breaker'] as const;
const TIMEOUT = [...OURS, 'recovery_timeout_ms'] as const;
/** The Go router's spellings of `recovery_timeout_ms`, and how many milliseconds a bare number of them has. */
const SPELLINGS: readonly (readonly [name: string, unitMs: number])[] = [
  ['recovery_timeout', 1],
  ['timeout_seconds', 1000],
];
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Puts the circuit breaker of the Go router (gateway-protocol 6.3) into our place and names. */
export function translateBreaker(tree: MapNode): {
  readonly tree: MapNode;
  readonly problems: readonly LocatedProblem[];
} {
  const problems: LocatedProblem[] = [];
  let translated = tree;
  const move = (from: KeyPath, to: KeyPath, change: (node: ConfigNode) => ConfigNode): void => {
    const node = nodeAt(translated, from);
    if (node === undefined) return;
    translated = withoutNode(translated, from);
    if (nodeAt(translated, to) === undefined) translated = withNode(translated, to, change(node));
    else
      problems.push(
        problemAt('error', node.origin, `is another name of ${to.join('.')}; keep one of the two`),
      );
  };
  move(POOL, OURS, (node) => node);
  for (const [name, unitMs] of SPELLINGS) move([...OURS, name], TIMEOUT, (node) => inMs(node, unitMs));
  return { tree: translated, problems };
}

/** `30s` in milliseconds; what is no duration stays, and is refused as the value that it is. */
function inMs(node: ConfigNode, unitMs: number): ConfigNode {
  if (node.kind !== 'scalar') return node;
  if (typeof node.value === 'number') return { ...node, value: node.value * unitMs };
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(node.value));
  const unit = UNITS[match?.[2] ?? ''];
  return unit === undefined ? node : { ...node, value: Number(match?.[1]) * unit };
}
