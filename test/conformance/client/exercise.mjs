// @ts-check
/** @typedef {import('@modelcontextprotocol/client').Client} Client */
/** @typedef {import('@modelcontextprotocol/client').Tool} Tool */

/**
 * What the suite tells a client beforehand.
 * @typedef {object} Context
 * @property {{ name: string, arguments: Record<string, unknown> }[]} [toolCalls]
 * @property {string} [client_id]
 * @property {string} [client_secret]
 */

const RICH_SCHEMA = 'json_schema_2020_12_tool';

/**
 * Uses all that a server offers, once.
 * @param {Client} client
 * @param {Context} context
 */
export async function exercise(client, context) {
  const { tools } = await client.listTools();
  const calls =
    context.toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: sample(tool, tools) }));
  /** @type {unknown} */
  let failure;
  for (const call of calls)
    await client.callTool(call).catch((/** @type {unknown} */ error) => (failure ??= error));
  const { resources, prompts } = client.getServerCapabilities() ?? {};
  if (resources !== undefined) {
    const [first] = (await client.listResources()).resources;
    if (first !== undefined) await client.readResource({ uri: first.uri });
  }
  if (prompts !== undefined) {
    const [first] = (await client.listPrompts()).prompts;
    if (first !== undefined) await client.getPrompt({ name: first.name });
  }
  if (failure !== undefined) throw failure;
}

/**
 * Arguments that fit.
 * @param {Tool} tool
 * @param {readonly Tool[]} tools
 * @returns {Record<string, unknown>}
 */
function sample({ inputSchema }, tools) {
  const properties = inputSchema.properties ?? {};
  if ('schema' in properties)
    return { schema: tools.find(({ name }) => name === RICH_SCHEMA)?.inputSchema ?? {} };
  /** @type {Record<string, unknown>} */
  const samples = { number: 5, integer: 5, boolean: true, string: 'x', array: ['x'], object: {}, null: null };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => {
      const type =
        typeof schema === 'object' && schema !== null && 'type' in schema ? String(schema.type) : '';
      return type in samples ? [[name, samples[type]]] : [];
    }),
  );
}
