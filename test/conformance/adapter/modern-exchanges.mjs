// @ts-check
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { Exchange } from './exchange.mjs';

/** @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} Message */
/** @typedef {import('@modelcontextprotocol/server').JSONRPCRequest} Request */

/** Requests of the 2026 era, each an HTTP exchange of its own, over one program on stdio. */
export class ModernExchanges {
  #program;
  /** By the id that the program knows: ids of clients may be the same. @type {Map<string, Exchange>} */
  #open = new Map();
  #count = 0;

  #onResult;

  /**
   * @param {import('./line-program.mjs').LineProgram} program
   * @param {(result: unknown) => void} onResult hears of each result before the client does
   */
  constructor(program, onResult) {
    this.#program = program;
    this.#onResult = onResult;
    program.onMessage = (message) => this.#down(message);
    program.onEnd = () => {
      for (const exchange of this.#open.values()) exchange.abandon();
    };
  }

  /**
   * @param {Request} request
   * @param {import('node:http').ServerResponse} response
   */
  begin(request, response) {
    const id = `exchange-${String((this.#count += 1))}`;
    this.#open.set(id, new Exchange(request, response));
    response.on('close', () => {
      if (!this.#open.delete(id)) return;
      this.#program.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    });
    const _meta = request.params?._meta;
    const hasToken = _meta?.progressToken !== undefined;
    const params = hasToken ? { ...request.params, _meta: { ..._meta, progressToken: id } } : request.params;
    this.#program.send({ ...request, id, params });
  }

  /** @param {object} notification */
  pass(notification) {
    this.#program.send(notification);
  }

  /** @param {Message} message */
  #down(message) {
    if (!('method' in message)) {
      if ('result' in message) this.#onResult(message.result);
      const exchange = this.#open.get(String(message.id));
      this.#open.delete(String(message.id));
      exchange?.finish(message);
      return;
    }
    const { progressToken } = /** @type {{ progressToken?: string }} */ (message.params ?? {});
    const subscription = /** @type {string | undefined} */ (
      message.params?._meta?.[SUBSCRIPTION_ID_META_KEY]
    );
    const known = progressToken ?? subscription;
    const exchange = known === undefined ? this.#lastCall() : this.#open.get(known);
    exchange?.tell(message);
  }

  /** On stdio nothing says to which request a log message belongs. */
  #lastCall() {
    return [...this.#open.values()].findLast(({ isSubscription }) => !isSubscription);
  }
}
