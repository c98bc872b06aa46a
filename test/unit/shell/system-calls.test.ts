import { describe, expect, it } from 'vitest';
import { checkPayload } from '../../../src/main/ipc/payloads';
import { callChannels } from '../../../src/main/ipc/register';
import type { CallChannel } from '../../../src/shared/ipc/contract';
import { clientActions, clientIds } from '../../../src/shared/model/client-apps';
import { notificationChoices, themeChoices } from '../../../src/shared/model/preferences';

const filter = {
  ...{ text: '', actions: [], topic: 'any', outcome: 'any', client: '', method: '', requestId: '' },
  ...{ from: null, until: null },
};

/** All that the page may say where the system is asked for something: opened, chosen, written or started. */
const accepted: readonly (readonly [CallChannel, unknown])[] = [
  ['settings.open-file', undefined],
  ['audit.export', { format: 'csv', filter }],
  ['credentials.chooseCertificate', { id: 'certificate', form: 'pem' }],
  ['credentials.useCertificate', undefined],
  ['credentials.signIn', undefined],
  ['preferences.save', { theme: themeChoices[0], notifications: notificationChoices[0], startsHidden: true }],
  ['login-item.set', { isOn: true }],
  ['client-apps.preview', { action: clientActions[0], id: clientIds[0] }],
];

describe('SEC-115 the page names no path, address or program to the system', () => {
  it.each(accepted)('%s takes what it needs', (channel, input) => {
    expect(checkPayload(channel, [input]).kind).toBe('accepted');
  });

  it.each(
    accepted.flatMap(([channel, input]) =>
      ['path', 'file', 'filePath', 'url', 'program', 'args', 'themeSource'].map(
        (member) => [channel, member, { ...(input ?? {}), [member]: '/etc/passwd' }] as const,
      ),
    ),
  )('%s refuses a member %s', (channel, _member, input) => {
    expect(checkPayload(channel, [input]).kind).toBe('rejected');
  });

  it.each([
    [
      'preferences.save',
      { theme: 'javascript:0', notifications: notificationChoices[0], startsHidden: true },
    ],
    ['login-item.set', { isOn: '/tmp/program' }],
    ['audit.export', { format: '/tmp/export.csv', filter }],
    ['credentials.chooseCertificate', { id: 'certificate', form: '/etc/passwd' }],
    ['client-apps.preview', { action: clientActions[0], id: '../../.bashrc' }],
    ['settings.open-file', '/etc/passwd'],
  ] as const)('%s takes no text in place of a choice', (channel, input) => {
    expect(checkPayload(channel, [input]).kind).toBe('rejected');
  });

  it('takes an address of the person in three channels, which open nothing', () => {
    const url = 'wss://a.example';
    const forms = [{ url }, { url, access: 'open' }];
    const takesAddress = callChannels.filter((channel) =>
      forms.some((form) => checkPayload(channel, [form]).kind === 'accepted'),
    );
    expect(takesAddress).toEqual(['connection.save', 'setup.look', 'setup.save']);
  });
});
