// @ts-check
// What the product uses of undici, which the bundles take in place of the whole: the rest (fetch, mocks, caches, WebSocket,
// nine tenths of it) would be parsed and run at every start. A name that is missing here fails the build.
// @ts-expect-error the files of undici have no declarations of their own
import requestOf from 'undici/lib/api/api-request.js';
// @ts-expect-error the files of undici have no declarations of their own
import Agent from 'undici/lib/dispatcher/agent.js';

export { Agent };

/**
 * `request` as undici's index makes it, for a URL and a dispatcher.
 * @param {URL} url
 * @param {{ dispatcher: object, method: string }} options
 * @returns {Promise<unknown>}
 */
export function request(url, { dispatcher, ...options }) {
  return requestOf.call(dispatcher, { ...options, origin: url.origin, path: `${url.pathname}${url.search}` });
}
