// @ts-check

/**
 * The part of a message that an echo looks at.
 * @typedef {{ id?: unknown, method?: string, params?: { protocolVersion?: string, arguments?: { text?: string } } }} Call
 */

/**
 * @param {Call} message
 * @returns {object} the result of `initialize`, or what was sent
 */
export function resultFor({ method, params }) {
  if (method === 'initialize') {
    return {
      protocolVersion: params?.protocolVersion ?? '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'echo', version: '1.0.0' },
    };
  }
  return { content: [{ type: 'text', text: params?.arguments?.text ?? '' }] };
}
