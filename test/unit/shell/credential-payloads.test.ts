import { describe, expect, it } from 'vitest';
import { checkPayload } from '../../../src/main/ipc/payloads';
import type { CallChannel } from '../../../src/shared/ipc/contract';

describe('SEC-106 what the page may say about credentials', () => {
  const judge = (channel: CallChannel, ...input: readonly unknown[]): string =>
    checkPayload(channel, input).kind;
  const id = 'token keychain gateway-token';

  it.each([
    ['credentials.rotate', { id, value: 'x'.repeat(16_384) }],
    ['credentials.store', { id, value: 'x' }],
    ['credentials.rollBack', { id: 'x'.repeat(4200) }],
    ['credentials.endOverlap', { id }],
    ['credentials.chooseCertificate', { id, form: 'pkcs12' }],
    ['credentials.openCertificate', { passphrase: 'x'.repeat(1024) }],
  ] as const)('%s takes its members, bounded, and nothing else', (channel, input) => {
    expect(judge(channel, input)).toBe('accepted');
    const longer = Object.fromEntries(Object.entries(input).map(([name]) => [name, 'x'.repeat(20_000)]));
    for (const bad of [undefined, null, 'x', {}, [input], { ...input, path: '/etc/passwd' }, longer])
      expect(judge(channel, bad)).toBe('rejected');
    expect(judge(channel, input, 1)).toBe('rejected');
  });
});
