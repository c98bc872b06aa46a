import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { Secret } from '../../../src/main/engine/auth/secret';
import type { HttpClient } from '../../../src/main/engine/auth/http-client';
import type { CredentialSource } from '../../../src/main/engine/auth/credential-source';
import { HttpLink } from '../../../src/main/engine/gateway/transports/http-link';
import { noCredentials } from '../../support/engine-client';
import { ManualClock } from '../../support/manual-clock';

const credentialOf = (token: string): NonNullable<Awaited<ReturnType<CredentialSource['current']>>> => ({
  secret: new Secret(token),
  inUse: { source: 'oauth2', name: 'test' },
});

describe('a link', () => {
  it('goes on waiting for the credential of many requests when one of them is given up', async () => {
    const clock = new ManualClock();
    let give: () => void = () => undefined;
    const credentials: CredentialSource = {
      ...noCredentials,
      current: (signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
          give = () => {
            resolve(credentialOf('new'));
          };
        }),
    };
    const sent: string[] = [];
    const client: HttpClient = {
      request: (_url, { headers }) => {
        sent.push(headers['authorization'] ?? '');
        return Promise.resolve({ status: 200, headers: {}, body: Readable.from([]) });
      },
      fetch: () => Promise.reject(new Error('not used')),
      tls: null,
      close: () => Promise.resolve(),
    };
    const { signal } = new AbortController();
    const link = new HttpLink({ client, credentials, credential: credentialOf('old'), clock, signal });
    clock.advance(1000);
    const one = new AbortController();
    const url = new URL('https://gateway.example/');
    const first = link.request(url, { method: 'GET', headers: {}, signal: one.signal });
    const second = link.request(url, { method: 'GET', headers: {}, signal });
    one.abort();
    give();
    await first;
    expect((await second).status).toBe(200);
    expect(sent.at(-1)).toBe('Bearer new');
  });
});
