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

describe('what the page may say about clients', () => {
  it.each([
    ['clients.disconnect', 'session', 40],
    ['clients.block', 'name', 1000],
    ['clients.unblock', 'name', 1000],
  ] as const)('%s takes one short text and nothing else', (channel, member, maxLength) => {
    const judge = (...input: readonly unknown[]): string => checkPayload(channel, input).kind;
    expect(judge({ [member]: 'x'.repeat(maxLength) })).toBe('accepted');
    const bad = [undefined, null, 'x', {}, { [member]: '' }, { [member]: 1 }, { [member]: 'x', more: 1 }];
    for (const input of [...bad, { [member]: 'x'.repeat(maxLength + 1) }]) {
      expect(judge(input)).toBe('rejected');
    }
    expect(judge({ [member]: 'x' }, 1)).toBe('rejected');
  });
});

describe('lockdown.release', () => {
  it('takes one short word and nothing else', () => {
    const judge = (...input: readonly unknown[]): string => checkPayload('lockdown.release', input).kind;
    expect(judge({ word: 'release' })).toBe('accepted');
    for (const input of [
      undefined,
      null,
      'release',
      {},
      { word: 1 },
      { word: 'x'.repeat(41) },
      { word: '', more: 1 },
    ])
      expect(judge(input)).toBe('rejected');
  });
});

describe('preferences', () => {
  const chosen = { theme: 'dark', notifications: 'alerts', startsHidden: true };

  it('are one of the choices each, and complete', () => {
    const judge = (...input: readonly unknown[]): string => checkPayload('preferences.save', input).kind;
    expect(judge(chosen)).toBe('accepted');
    const { theme: _left, ...others } = chosen;
    for (const input of [undefined, others, { ...chosen, theme: 'pink' }, { ...chosen, more: 1 }]) {
      expect(judge(input)).toBe('rejected');
    }
  });

  it('switch start at login on or off', () => {
    const judge = (...input: readonly unknown[]): string => checkPayload('login-item.set', input).kind;
    expect(judge({ isOn: false })).toBe('accepted');
    for (const input of [undefined, {}, { isOn: 'yes' }, { isOn: true, path: '/x' }]) {
      expect(judge(input)).toBe('rejected');
    }
  });
});

describe('client-tokens', () => {
  it.each(['client-tokens.add', 'client-tokens.revoke'] as const)(
    '%s takes one name of bounded length',
    (channel) => {
      expect(checkPayload(channel, [{ name: 'Notebook' }]).kind).toBe('accepted');
      for (const input of [
        undefined,
        null,
        'x',
        {},
        { name: 1 },
        { name: 'x'.repeat(201) },
        { name: 'x', more: 1 },
      ]) {
        expect(checkPayload(channel, [input]).kind).toBe('rejected');
      }
    },
  );
});

describe('channels without input', () => {
  const speaking = new Set<string>([
    'connection.save',
    'clients.disconnect',
    'clients.block',
    'clients.unblock',
    'lockdown.release',
    'preferences.save',
    'login-item.set',
    ...['look', 'page', 'grown', 'export', 'cancel'].map((name) => `audit.${name}`),
    'credentials.rotate',
    'credentials.store',
    'credentials.rollBack',
    'credentials.endOverlap',
    'credentials.chooseCertificate',
    'credentials.openCertificate',
    'settings.check',
    'settings.preview',
    'settings.save',
    'setup.look',
    'setup.save',
    'client-apps.preview',
    'client-apps.apply',
    'client-tokens.add',
    'client-tokens.revoke',
  ]);
  const silent = callChannels.filter((channel) => !speaking.has(channel));

  it.each(silent)('%s accepts nothing and rejects anything', (channel) => {
    expect(checkPayload(channel, []).kind).toBe('accepted');
    expect(checkPayload(channel, [{}]).kind).toBe('rejected');
    expect(checkPayload(channel, [null]).kind).toBe('rejected');
    expect(checkPayload(channel, [undefined, 1]).kind).toBe('rejected');
  });
});
