import { handshakeMethods } from '../../shared/model/handshake-methods';
import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type MapNode, type ScalarNode } from './config-tree';

/** What types cannot say about `local.policy`: rules that could not do what they say. */
export function checkPolicy(tree: MapNode): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const itemsOf = (key: string): readonly ScalarNode[] => {
    const node = nodeAt(tree, ['local', 'policy', key]);
    return node?.kind === 'list' ? node.items.filter((item) => item.kind === 'scalar') : [];
  };
  for (const item of itemsOf('deny_methods')) {
    if (handshakeMethods.has(String(item.value).trim().toLowerCase())) {
      problems.push(
        problemAt('error', item.origin, 'cannot be denied: no client could open, keep or cancel anything'),
      );
    }
  }
  for (const kind of ['methods', 'tools']) {
    const allowed = itemsOf(`allow_${kind}`);
    const denied = new Set(itemsOf(`deny_${kind}`).map(({ value }) => String(value).trim()));
    for (const item of allowed) {
      if (!denied.has(String(item.value).trim())) continue;
      problems.push(problemAt('warning', item.origin, `stands in deny_${kind} as well, which wins`));
    }
  }
  return [...problems, ...checkTools(tree, itemsOf)];
}

/** Rules for tools need calls of tools. */
function checkTools(
  tree: MapNode,
  itemsOf: (key: string) => readonly ScalarNode[],
): readonly LocatedProblem[] {
  const methods = itemsOf('allow_methods');
  const allowedTools = nodeAt(tree, ['local', 'policy', 'allow_tools']);
  const areCallsAllowed = methods.some(({ value }) => /[*]|^tools\/call$/.test(String(value).trim()));
  if (methods.length === 0 || areCallsAllowed || allowedTools === undefined) return [];
  return [
    problemAt('warning', allowedTools.origin, 'has no effect: allow_methods does not allow "tools/call"'),
  ];
}
