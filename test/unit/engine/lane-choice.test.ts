import { describe, expect, it } from 'vitest';

import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { destinationOf, leastBusy } from '../../../src/main/engine/router/lane-choice';
import { notificationLine, requestLine } from '../../support/router-bench';

function message(line: Buffer): Message {
  const scanned = scanMessage(line);
  if (scanned.kind !== 'message') throw new Error('not a message');
  return scanned.message;
}

describe('where a message goes', () => {
  it.each([
    ['tools/call', 'any'],
    ['resources/read', 'any'],
    ['anything/else', 'any'],
    ['initialize', 'first'],
    ['logging/setLevel', 'first'],
    ['resources/subscribe', 'first'],
    ['resources/unsubscribe', 'first'],
    ['subscriptions/listen', 'first'],
    ['tasks/get', 'first'],
  ])('a request for %s: %s', (method, expected) => {
    expect(destinationOf(message(requestLine(1, method)))).toBe(expected);
  });

  it.each([
    ['notifications/cancelled', 'request'],
    ['notifications/progress', 'question'],
    ['notifications/roots/list_changed', 'all'],
    ['notifications/initialized', 'first'],
    ['notifications/anything', 'first'],
  ])('%s: %s', (method, expected) => {
    expect(destinationOf(message(notificationLine(method)))).toBe(expected);
  });

  it('the ready one with the fewest in flight, the earlier one of equals', () => {
    const lane = (name: string, inFlight: number, isReady = true): object => ({ name, inFlight, isReady });
    const pick = (...lanes: object[]): unknown =>
      leastBusy(lanes.map((one) => ({ inFlight: 0, isReady: true, ...one })));
    expect(pick(lane('a', 2), lane('b', 1), lane('c', 1))).toMatchObject({ name: 'b' });
    expect(pick(lane('a', 0, false), lane('b', 9))).toMatchObject({ name: 'b' });
    expect(pick(lane('a', 0, false))).toBeUndefined();
  });
});
