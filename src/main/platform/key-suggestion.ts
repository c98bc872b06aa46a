import { distance } from 'fastest-levenshtein';

const MAX_COMPARED_LENGTH = 64;

/**
 * The known key that an unknown one probably means, or null.
 *
 * @param path the unknown key's path, such as `gateway.tls.verfy`
 * @param known the paths of all known keys and sections
 */
export function suggestKey(path: string, known: readonly string[]): string | null {
  const name = lastSegment(path);
  if (name.length === 0 || name.length > MAX_COMPARED_LENGTH) return null;
  const parent = parentOf(path);
  const siblings = known.filter((candidate) => parentOf(candidate) === parent);
  const wanted = simplified(name);

  const sameName = (candidate: string): boolean => simplified(lastSegment(candidate)) === wanted;
  const exact = siblings.find(sameName) ?? nearestBranch(path, known.filter(sameName));
  if (exact !== undefined) return exact;

  return nearest(wanted, siblings) ?? nearest(wanted, known);
}

function nearest(wanted: string, candidates: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly path: string; readonly steps: number } | null = null;
  for (const path of candidates) {
    const steps = distance(wanted, simplified(lastSegment(path)));
    if (steps <= most && (best === null || steps < best.steps)) best = { path, steps };
  }
  return best === null ? null : best.path;
}

/** Of several keys with the same name the one that shares most of the way. */
function nearestBranch(path: string, candidates: readonly string[]): string | undefined {
  const shared = (candidate: string): number => {
    const segments = path.split('.');
    const parts = candidate.split('.');
    const end = parts.findIndex((part, index) => part !== segments[index]);
    return end === -1 ? parts.length : end;
  };
  return [...candidates].sort((a, b) => shared(b) - shared(a) || a.length - b.length)[0];
}

/** `requestTimeoutMs`, `request-timeout-ms` and `request_timeout_ms` are one name. */
function simplified(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function parentOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? '' : path.slice(0, dot);
}
