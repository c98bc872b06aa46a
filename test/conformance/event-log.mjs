// @ts-check
/** @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} Message */

/** The messages of one session in order, so that a stream can be taken up again. */
export class EventLog {
  /** @type {{ streamId: string, message: Message }[]} */
  #events = [];

  /**
   * @param {string} streamId
   * @param {Message} message
   * @returns {Promise<string>} the id of the event
   */
  storeEvent(streamId, message) {
    this.#events.push({ streamId, message });
    return Promise.resolve(String(this.#events.length - 1));
  }

  /** @param {string} eventId */
  getStreamIdForEventId(eventId) {
    return Promise.resolve(this.#events[Number(eventId)]?.streamId);
  }

  /**
   * @param {string} lastEventId
   * @param {{ send: (eventId: string, message: Message) => Promise<void> }} to
   */
  async replayEventsAfter(lastEventId, { send }) {
    const last = Number(lastEventId);
    const streamId = this.#events[last]?.streamId ?? '';
    for (const [index, event] of [...this.#events.entries()].slice(last + 1))
      // An empty message only marks where a stream begins.
      if (event.streamId === streamId && Object.keys(event.message).length > 0)
        await send(String(index), event.message);
    return streamId;
  }
}
