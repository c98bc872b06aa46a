import { addressBytes } from './ip-address';
import { isLoopbackHost } from './no-proxy';

/** Where metrics are served. */
export interface MetricsEndpoint {
  /** The name or address to bind, without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Only programs on this machine can reach it. */
  readonly isLocal: boolean;
}

const MAX_PORT = 65_535;
const LOOPBACK = '127.0.0.1';
const SHAPE = /^(?<host>\[[\da-f:.]+\]|[a-z\d_.-]*):(?<port>\d{1,5})$/i;

/** Reads `host:port`, `[address]:port` or, for every address of this machine, `:port`; null: it is none of these. */
export function metricsEndpoint(text: string): MetricsEndpoint | null {
  const groups = SHAPE.exec(text.trim())?.groups;
  if (groups === undefined) return null;
  const host = (groups['host'] ?? '').replace(/^\[|\]$/g, '').toLowerCase();
  const port = Number(groups['port']);
  const isBracketed = text.trim().startsWith('[');
  if (port > MAX_PORT || (isBracketed && addressBytes(host) === null)) return null;
  const isLocal = isLoopbackHost(host);
  // What the name means is not left to a resolver: it must not lead off this machine.
  const isName = isLocal && addressBytes(host) === null;
  return { host: isName ? LOOPBACK : host, port, isLocal };
}

/** The address as people write it. */
export function endpointText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

const MAX_LABELS = 16;
const MAX_LABEL_LENGTH = 128;
/** Labels of our own metrics, and those that Prometheus gives a meaning. */
export const ownLabels: ReadonlySet<string> = new Set([
  'method',
  'limit',
  'kind',
  'state',
  'direction',
  'le',
  'quantile',
  'job',
  'instance',
]);

/** What is wrong with `metrics.labels`, in words that follow the key; null: nothing. */
export function labelsProblem(labels: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) return `may hold ${String(MAX_LABELS)} labels at most`;
  for (const [name, value] of entries) {
    if (!/^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) {
      return 'must have names of letters, digits and _ that start with a letter, 64 at most';
    }
    if (ownLabels.has(name)) return `cannot set "${name}", which has a meaning of its own`;
    if (value.length > MAX_LABEL_LENGTH || /\p{Cc}/u.test(value)) {
      return `must have values of ${String(MAX_LABEL_LENGTH)} characters at most, without control characters`;
    }
  }
  return null;
}
