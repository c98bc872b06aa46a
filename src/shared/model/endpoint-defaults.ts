/** Sections of an endpoint that are filled up key by key from `gateway`. */
export const mergedSections = ['tls', 'connection', 'tcp'] as const;

/** What holds for the connections to all endpoints alike, and therefore stands below `gateway` alone. */
export const keysForAllEndpoints: ReadonlySet<string> = new Set([
  'gateway.default_namespace',
  'gateway.max_message_bytes',
  'gateway.connection.reconnect',
  'gateway.connection.pool',
]);

/** The one word about an address that stands in two places. */
export const TWO_ADDRESSES = 'stands beside gateway_pool.endpoints; keep one of the two';

type Section = Readonly<Record<string, unknown>>;

/**
 * The configuration with `gateway` spread over `gateway_pool.endpoints`, where there are any: each endpoint gets what it
 * does not say itself. `auth` counts as one: a credential is never pieced together from two places.
 *
 * @returns `two-addresses` when `gateway.url` stands beside the list
 */
export function spreadGateway(config: unknown): unknown {
  if (!isSection(config) || !isSection(config['gateway_pool'])) return config;
  const { gateway: shared, gateway_pool: pool, ...rest } = config;
  if (!isSection(pool) || !Array.isArray(pool['endpoints']) || pool['endpoints'].length === 0) return config;
  const gateway = isSection(shared) ? shared : {};
  if ('url' in gateway) return 'two-addresses';
  const endpoints = pool['endpoints'].map((endpoint: unknown) =>
    isSection(endpoint) ? filledUp(endpoint, gateway) : endpoint,
  );
  return { ...rest, gateway_pool: { ...pool, endpoints } };
}

function filledUp(endpoint: Section, gateway: Section): Section {
  const sections = mergedSections.flatMap((name) => {
    const [own, shared] = [endpoint[name], gateway[name]];
    return isSection(own) && isSection(shared) ? [[name, { ...shared, ...own }] as const] : [];
  });
  return { ...gateway, ...endpoint, ...Object.fromEntries(sections) };
}

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
