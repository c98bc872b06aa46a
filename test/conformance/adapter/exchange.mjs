// @ts-check
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';

/** @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} Message */

/** Errors that the revision gives a status of their own. */
const STATUS = /** @type {Readonly<Record<number, number>>} */ ({
  [-32601]: 404,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
});

/** One request over HTTP: JSON when there is only the answer, a stream when something comes before. */
export class Exchange {
  #request;
  #response;

  /**
   * @param {import('@modelcontextprotocol/server').JSONRPCRequest} request
   * @param {import('node:http').ServerResponse} response
   */
  constructor(request, response) {
    this.#request = request;
    this.#response = response;
  }

  get isSubscription() {
    return this.#request.method === 'subscriptions/listen';
  }

  /** @param {Extract<Message, { method: string }>} message what comes before the answer */
  tell(message) {
    this.#openStream();
    this.#event({ ...message, params: this.#ownNames(message.params ?? {}) });
  }

  /** @param {Message} message the answer */
  finish(message) {
    const own = { ...message, id: this.#request.id };
    if (this.#response.headersSent || this.isSubscription) {
      this.#openStream();
      this.#event(own);
      this.#response.end();
      return;
    }
    const status = 'error' in message ? (STATUS[message.error.code] ?? 200) : 200;
    this.#response.writeHead(status, { 'content-type': 'application/json' });
    this.#response.end(JSON.stringify(own));
  }

  abandon() {
    if (!this.#response.headersSent) this.#response.writeHead(502);
    this.#response.end();
  }

  /** @param {Record<string, unknown>} params */
  #ownNames(params) {
    const own = { ...params };
    const meta = /** @type {Record<string, unknown> | undefined} */ (params['_meta']);
    if ('progressToken' in own) own['progressToken'] = this.#request.params?._meta?.progressToken;
    if (meta !== undefined && SUBSCRIPTION_ID_META_KEY in meta)
      own['_meta'] = { ...meta, [SUBSCRIPTION_ID_META_KEY]: String(this.#request.id) };
    return own;
  }

  #openStream() {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  }

  /** @param {object} message */
  #event(message) {
    this.#response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }
}
