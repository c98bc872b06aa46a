import { isUtf8 } from 'node:buffer';

import { unwrapEnvelope, wrapEnvelope } from '../../../src/main/engine/gateway/envelope';
import { scanMessage } from '../../../src/main/engine/jsonrpc/scan';
import { MAX_NESTING } from '../../../src/main/engine/jsonrpc/skip-value';
import { holds, same } from '../bytes';
import { envelopeTexts, jsonTexts, nesting, parsed } from '../json-texts';
import { fuzzTarget } from '../target';
import fc from 'fast-check';

export const envelopeTarget = fuzzTarget({
  name: 'envelope',
  parser: 'a WebSocket message of the gateway, and the envelope in it',
  cases: fc.oneof(envelopeTexts, jsonTexts),
  check: (frame) => {
    const unwrapped = unwrapEnvelope(frame);
    if (unwrapped === undefined) {
      const value = isUtf8(frame) ? parsed(frame)?.value : undefined;
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      const isBare = isObject && !Object.hasOwn(value, 'mcp_payload');
      holds(!isBare || nesting(value) > MAX_NESTING + 1, 'a bare message was not taken');
      return;
    }
    const { payload } = unwrapped;
    holds(payload.length <= frame.length, 'the payload is longer than the frame');
    if (isUtf8(frame)) {
      const value = parsed(payload)?.value;
      holds(typeof value === 'object' && value !== null && !Array.isArray(value), 'the payload is no object');
    }
    const scanned = scanMessage(payload);
    if (scanned.kind !== 'message') return;
    const fields = { namespace: 'n"', authToken: 't\\', now: 0 };
    const again = unwrapEnvelope(wrapEnvelope(scanned.message, fields));
    // The space around it belongs to nobody.
    const bare = payload.toString('latin1').replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    same(again?.payload.toString('latin1'), bare, 'wrapped and unwrapped');
  },
});
