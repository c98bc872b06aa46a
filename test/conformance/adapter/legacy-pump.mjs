// @ts-check
import { setImmediate } from 'node:timers';
import { complain } from '../complain.mjs';

/** @typedef {import('@modelcontextprotocol/server').RequestId} RequestId */
/** @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} Message */
/** @typedef {import('@modelcontextprotocol/node').NodeStreamableHTTPServerTransport} Transport */

/**
 * To close a stream early and let the client come back for the rest is up to who speaks HTTP; over stdio a server cannot ask
 * for it. So that the suite can look at it, calls of this tool are closed.
 */
const CLOSED_EARLY = 'test_reconnection';

/** Carries the messages of one session between the SDK's HTTP transport and a program on stdio. */
export class LegacyPump {
  #transport;
  #program;
  /** What the client waits for, oldest first, with the token of its progress. @type {Map<RequestId, unknown>} */
  #open = new Map();

  /**
   * @param {Transport} transport
   * @param {import('./line-program.mjs').LineProgram} program
   */
  constructor(transport, program) {
    this.#transport = transport;
    this.#program = program;
  }

  async start() {
    const [transport, program] = [this.#transport, this.#program];
    transport.onmessage = (message) => this.#up(message);
    transport.onclose = () => void program.end();
    program.onMessage = (message) => this.#down(message);
    program.onEnd = () => void transport.close();
    await transport.start();
  }

  /** @param {Message} message */
  #up(message) {
    if ('method' in message && 'id' in message) {
      this.#open.set(message.id, message.params?._meta?.progressToken);
      if (message.params?.['name'] === CLOSED_EARLY)
        setImmediate(() => this.#transport.closeSSEStream(message.id));
    }
    this.#program.send(message);
  }

  /** @param {Message} message */
  #down(message) {
    const relatedRequestId = 'method' in message ? this.#cause(message) : undefined;
    if (!('method' in message) && message.id !== undefined) this.#open.delete(message.id);
    const options = relatedRequestId === undefined ? {} : { relatedRequestId };
    this.#transport.send(message, options).catch(complain);
  }

  /**
   * On stdio nothing says which request a message belongs to, except for progress: then it is the last one.
   * @param {Extract<Message, { method: string }>} message
   */
  #cause({ params }) {
    const token = params?.['progressToken'];
    const open = [...this.#open];
    const ofToken = open.find(([, own]) => token !== undefined && own === token);
    return (ofToken ?? open.at(-1))?.[0];
  }
}
