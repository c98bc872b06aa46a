import { variableIn, type Variables } from '../platform/environment';

/** What of the command line decides where a client is served. */
export interface AttachFlags {
  readonly configPath: string | undefined;
  readonly logLevel: string | undefined;
  readonly attach: 'if-running' | 'only' | 'never';
}

/** Where a client on stdio is served. */
export type AttachChoice =
  /** By an engine of this process. `reason` follows "its own engine, because". */
  | { readonly kind: 'own-engine'; readonly reason: string }
  /** By the router that runs already; `isForced`: by nobody else. `ignored` names variables that have no say then. */
  | { readonly kind: 'attach'; readonly isForced: boolean; readonly ignored: readonly string[] };

/**
 * A program that was given a configuration, credential or setting of its own must not be served with those of another.
 *
 * @param own the variables of the environment that would change the configuration
 */
export function chooseAttachment(flags: AttachFlags, own: readonly string[]): AttachChoice {
  if (flags.attach === 'only') return { kind: 'attach', isForced: true, ignored: own };
  const reason = ownReason(flags, own);
  if (reason !== null) return { kind: 'own-engine', reason };
  return { kind: 'attach', isForced: false, ignored: [] };
}

function ownReason(flags: AttachFlags, own: readonly string[]): string | null {
  if (flags.attach === 'never') return '--standalone was given';
  if (flags.configPath !== undefined) return '--config was given';
  if (flags.logLevel !== undefined) return '--log-level was given';
  return own.length === 0 ? null : `${own.join(', ')} ${own.length === 1 ? 'is' : 'are'} set`;
}

const OUR_PREFIX = 'MCP_';
/** Beside those that the schema derives. */
const NOT_IN_SCHEMA: readonly string[] = ['MCP_ROUTER_CONFIG', 'MCP_AUTH_TOKEN'];

/**
 * The variables that give this process a configuration, credential or setting of its own. Other `MCP_*` variables
 * belong to other programs.
 *
 * @param derived the names that the schema derives; asked for only when there is something to compare, as it costs time
 */
export async function ownVariables(
  variables: Variables,
  derived: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const candidates = Object.keys(variables).filter(
    (name) => name.toUpperCase().startsWith(OUR_PREFIX) && variableIn(variables, name) !== undefined,
  );
  if (candidates.length === 0) return [];
  const known = new Set([...NOT_IN_SCHEMA, ...(await derived())]);
  return candidates.filter((name) => known.has(name.toUpperCase()));
}

/** The names that the schema derives. Loading the schema takes as long as all the rest. */
export async function derivedVariables(): Promise<readonly string[]> {
  const { configKeys } = await import('../platform/config-keys');
  return configKeys().map(({ variable }) => variable);
}
