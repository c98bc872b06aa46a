import { describe, expect, it } from 'vitest';
import { checkPayload } from '../../../src/main/ipc/payloads';
import { callChannels } from '../../../src/main/ipc/register';

const url = 'wss://gateway.example.com/mcp';

describe('connection.save', () => {
  it.each([
    ['address and token', { url, token: 't' }],
    ['the address alone', { url }],
    ['an empty address, which the router itself answers', { url: '' }],
    ['the longest address and token', { url: 'x'.repeat(2048), token: 'x'.repeat(16_384) }],
  ])('accepts %s', (_name, input) => {
    expect(checkPayload('connection.save', [input])).toEqual({ kind: 'accepted', input });
  });

  it.each([
    ['nothing', []],
    ['null', [null]],
    ['a string', [url]],
    ['no address', [{ token: 't' }]],
    ['an address that is no text', [{ url: 1 }]],
    ['an address that is too long', [{ url: 'x'.repeat(2049) }]],
    ['an empty token', [{ url, token: '' }]],
    ['a token that is too long', [{ url, token: 'x'.repeat(16_385) }]],
    ['a token that is undefined', [{ url, token: undefined }]],
    ['an unknown member', [{ url, configPath: '/etc/passwd' }]],
    ['a second argument', [{ url }, { url }]],
    ['an array', [[url]]],
  ])('rejects %s', (_name, input) => {
    expect(checkPayload('connection.save', input)).toEqual({ kind: 'rejected' });
  });
});

describe('channels without input', () => {
  const silent = callChannels.filter((channel) => channel !== 'connection.save');

  it.each(silent)('%s accepts nothing and rejects anything', (channel) => {
    expect(checkPayload(channel, []).kind).toBe('accepted');
    expect(checkPayload(channel, [{}]).kind).toBe('rejected');
    expect(checkPayload(channel, [null]).kind).toBe('rejected');
    expect(checkPayload(channel, [undefined, 1]).kind).toBe('rejected');
  });
});
