import { isForAllEndpoints } from './endpoint-views';
import { sectionPaths, type ConfigKey } from './config-keys';
import { problemAt, type LocatedProblem } from './config-problems';
import type { ConfigNode, ListNode, MapNode } from './config-tree';
import { meaninglessKeys } from './go-router-keys';
import { isSecretName, wayOut } from './inline-secrets';
import { suggestKey } from './key-suggestion';
import { shown } from './shown-text';

/** The tree with nothing but known keys, and what was wrong with the others. */
export interface KeyReview {
  readonly tree: MapNode;
  readonly problems: readonly LocatedProblem[];
}

const ENDPOINT_KEYS: ReadonlySet<string> = new Set(['gateway.priority', 'gateway.weight']);

/** Looks at every key: known, secret, without meaning here, or unknown. */
export function reviewKeys(tree: MapNode, keys: readonly ConfigKey[]): KeyReview {
  const review = new Review(keys);
  const kept = review.section(tree, '');
  return { tree: kept, problems: review.problems };
}

class Review {
  readonly problems: LocatedProblem[] = [];
  private readonly leaves: ReadonlySet<string>;
  private readonly sections: ReadonlySet<string>;
  /** Sections that only lead to keys without meaning. */
  private readonly passages: ReadonlySet<string>;
  private readonly known: readonly string[];
  private isInEndpoint = false;

  constructor(keys: readonly ConfigKey[]) {
    this.leaves = new Set(keys.map((key) => key.path));
    this.sections = sectionPaths(keys);
    this.passages = new Set(
      [...meaninglessKeys.keys()].flatMap(parentsOf).filter((path) => !this.sections.has(path)),
    );
    this.known = [...this.leaves, ...this.sections];
  }

  section(section: MapNode, path: string): MapNode {
    const entries = new Map<string, ConfigNode>();
    for (const [key, node] of section.entries) {
      const kept = this.entry(key, node, path === '' ? key : `${path}.${key}`);
      if (kept !== null) entries.set(key, kept);
    }
    return { ...section, entries };
  }

  /** The node to keep, or null when it was reported and is left out. */
  private entry(key: string, node: ConfigNode, path: string): ConfigNode | null {
    if (path === 'gateway_pool' && node.kind === 'map') return this.section(node, path);
    if (path === 'gateway_pool.endpoints' && node.kind === 'list') return this.endpoints(node);
    if (this.isInEndpoint && isForAllEndpoints(path)) {
      return this.report('error', node, `holds for all endpoints; write it as ${path}`);
    }
    if (this.isInEndpoint && ENDPOINT_KEYS.has(path)) return node;
    if (this.leaves.has(path)) return node;
    if (this.sections.has(path)) return this.keptSection(node, path);
    if (isSecretName(key)) return this.report('error', node, wayOut(shown(key), path));
    const reason = meaninglessKeys.get(path);
    if (reason !== undefined) return this.report('warning', node, `has no effect: ${reason}; remove it`);
    if (this.passages.has(path)) return this.passage(node, path);
    return this.unknown(node, key, path);
  }

  /** An endpoint has the keys of `gateway`, and some about choosing it. */
  private endpoints(list: ListNode): ListNode {
    this.isInEndpoint = true;
    const items = list.items.map((item) => (item.kind === 'map' ? this.section(item, 'gateway') : item));
    this.isInEndpoint = false;
    return { ...list, items };
  }

  private keptSection(node: ConfigNode, path: string): ConfigNode | null {
    switch (node.kind) {
      case 'map':
        return this.section(node, path);
      case 'scalar':
        // `local:` with nothing but comments below it.
        if (node.value === null) return null;
        break;
      case 'list':
        break;
    }
    return this.report('error', node, 'must be a section with keys below it');
  }

  private passage(node: ConfigNode, path: string): null {
    if (node.kind === 'map') this.section(node, path);
    else if (node.kind === 'list' || node.value !== null) {
      this.report('error', node, 'must be a section with keys below it');
    }
    return null;
  }

  private unknown(node: ConfigNode, key: string, path: string): null {
    if (key === '<<')
      return this.report('error', node, 'merge keys (<<) are not supported; write the keys out');
    const suggestion = suggestKey(path, this.known);
    const hint = suggestion === null ? '' : `; did you mean ${suggestion}?`;
    return this.report('error', node, `unknown key${hint}`);
  }

  private report(severity: LocatedProblem['severity'], node: ConfigNode, message: string): null {
    this.problems.push(problemAt(severity, node.origin, message));
    return null;
  }
}

function parentsOf(path: string): readonly string[] {
  const segments = path.split('.');
  return segments.slice(0, -1).map((_, end) => segments.slice(0, end + 1).join('.'));
}
