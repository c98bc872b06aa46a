/** The requests that MCP knows. What a client calls anything else is `other`, so that no client can invent names for us. */
const knownMethods = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
] as const;

/** A method, as far as it is known. */
export type KnownMethod = (typeof knownMethods)[number] | 'other';

/** All there can be. */
export const methodNames: readonly KnownMethod[] = [...knownMethods, 'other'];

/** The method by its name in the protocol. */
export function knownMethod(method: string): KnownMethod {
  return knownMethods.find((known) => known === method) ?? 'other';
}
