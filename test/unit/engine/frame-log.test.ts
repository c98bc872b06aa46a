import { describe, expect, it } from 'vitest';

import { framesLogged } from '../../../src/main/engine/gateway/frame-log';
import type { LogFields } from '../../../src/main/engine/ports';
import type { Transport, TransportHandlers } from '../../../src/main/engine/gateway/transports/transport';
import { createSecretMask } from '../../../src/main/platform/secret-mask';
import { testConfig } from '../../support/engine-client';

const SECRET = 'correct horse "battery" staple + 1';
const PARTS = ['correct', 'horse', 'battery', 'staple'];

/** What is logged of a frame that arrives when so much of each may be shown. */
async function shownOf(payload: string, limit: number): Promise<LogFields> {
  const mask = createSecretMask();
  mask.add(SECRET);
  const shown: LogFields[] = [];
  const note = (message: string, fields: LogFields = {}): void => {
    if (message === 'frame') shown.push(fields);
  };
  const logger = { debug: note, info: note, warn: note, error: note };
  const debug = { log_frames: true, max_logged_frame_bytes: limit };
  const config = testConfig('ws://127.0.0.1:9/', { advanced: { debug } });
  let inner: TransportHandlers | undefined;
  const open = framesLogged(
    (_request, handlers) => {
      inner = handlers;
      return Promise.resolve({} as Transport); // nothing is sent through it
    },
    () => config,
    { logger, mask },
  );
  const ignored = (): void => undefined;
  const request = {} as Parameters<typeof open>[0]; // nobody dials
  await open(request, {
    onMessage: ignored,
    onUnreadable: ignored,
    onRejected: ignored,
    onClose: ignored,
    onDrain: ignored,
  });
  const inbound = { payload: Buffer.from(payload) } as Parameters<TransportHandlers['onMessage']>[0]; // what is read of it
  inner?.onMessage(inbound);
  const [fields] = shown;
  if (fields === undefined) throw new Error('nothing was logged');
  return fields;
}

describe('a frame in the log', () => {
  it('SEC-55 SEC-56 shows no part of a secret, wherever it is cut', async () => {
    const payload = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text: `it is ${SECRET}, so` } });
    for (let limit = 64; limit <= payload.length; limit += 1) {
      const { text } = await shownOf(payload.padEnd(20_000, ' '), limit);
      for (const part of PARTS) expect(text).not.toContain(part);
    }
  });

  it('SEC-56 shows no part of many, which are shorter once they are hidden', async () => {
    const many = Array.from({ length: 3000 }, () => SECRET).join(' ');
    for (const limit of [64, 100, 1001, 4096, 20_000]) {
      const { text } = await shownOf(
        JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { many } }),
        limit,
      );
      for (const part of PARTS) expect(text).not.toContain(part);
      if (limit > 1000) expect(text).toContain('[masked] [masked]');
    }
  });

  it('shows the rest up to the last whole word', async () => {
    const payload = '{"jsonrpc":"2.0","method":"x","params":{"text":"one two three four five six seven"}}';
    expect(await shownOf(payload, 66)).toMatchObject({
      isCut: true,
      text: '{"jsonrpc":"2.0","method":"x","params":{"text":"one two three ',
    });
  });
});
