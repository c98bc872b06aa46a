const SYSTEM_METHODS: ReadonlySet<string> = new Set(['initialize', 'tools/list', 'tools/call', 'ping']);

/**
 * The `target_namespace` of a message, as the Go router chooses it (gateway-protocol 4.1).
 * Undefined when the field is to be left out.
 */
export function namespaceOf(method: string | undefined, defaultNamespace: string): string | undefined {
  if (method === undefined) return defaultNamespace;
  if (SYSTEM_METHODS.has(method)) return 'system';
  const dot = method.indexOf('.');
  if (dot === -1) return defaultNamespace;
  return dot === 0 ? undefined : method.slice(0, dot);
}
