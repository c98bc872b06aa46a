import type { LookupFunction } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAddressGuard, type AddressGuard } from '../../src/main/engine/auth/address-guard';
import { createHttpClient, type HttpClient } from '../../src/main/engine/auth/http-client';
import { discoverServer } from '../../src/main/engine/auth/oauth-discovery';
import { openOAuthHttp } from '../../src/main/engine/auth/oauth-http';
import { providerSettings } from '../../src/main/engine/auth/tls';
import { enginePorts, testConfig } from '../support/engine-client';
import { oauthMachine, PROVIDER_CA, providerTls } from '../support/oauth-bench';
import { RecordedHttpServer } from '../support/recorded-http-server';

const config = testConfig('wss://gateway.example/', {
  gateway: { auth: { type: 'oauth2', tls: { ca_cert_path: PROVIDER_CA } } },
});
const { auth } = config.gateway;
const direct = (): Promise<null> => Promise.resolve(null);
const ports = enginePorts(oauthMachine());

/** An internal server; its name is one that every machine resolves to an internal address. */
let internal: RecordedHttpServer;
/** As for a server on the internet; an address, so that nothing is looked up for it. */
let guard: AddressGuard;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  internal = await RecordedHttpServer.start((_request, response) => response.end('{}'), providerTls);
  guard = await createAddressGuard([new URL('https://93.184.216.34/mcp')]);
});

afterEach(async () => {
  for (const { close } of closing.splice(0)) await close();
  await internal.stop();
});

function client(lookup: LookupFunction): HttpClient {
  const made = createHttpClient({
    tls: (host) => providerSettings(auth.tls, host, ports.files),
    proxyFor: direct,
    timeoutMs: 5000,
    clock: ports.clock,
    lookup,
  });
  closing.push({ close: () => made.close() });
  return made;
}

describe('an address that somebody else named', () => {
  it('SEC-48 is refused when its name leads to an internal address, before a connection is opened', async () => {
    const http = openOAuthHttp(config, ports, guard.lookup);
    closing.push(http);
    const issuer = internal.urlFor('', 'localhost');
    const refusal = { code: 'oauth-refused' };
    await expect(http.fetch(`${issuer}/token`)).rejects.toMatchObject(refusal);
    await expect(discoverServer(issuer, { http, guard })).rejects.toMatchObject(refusal);
    expect(internal.openConnections).toBe(0);
    expect(internal.requests).toEqual([]);
  });

  it('SEC-48 the guard holds for plain connections as well', async () => {
    const plain = await RecordedHttpServer.start((_request, response) => response.end('{}'));
    const refused = client(guard.lookup).fetch(plain.urlFor('/', 'localhost'));
    await expect(refused).rejects.toMatchObject({ cause: { code: 'oauth-refused' } });
    expect(plain.requests).toEqual([]);
    await plain.stop();
  });

  it('SEC-48 is connected to exactly where the checked answer led, and the name is asked for once', async () => {
    const asked: string[] = [];
    const answer: LookupFunction = (hostname, options, callback) => {
      asked.push(hostname);
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    };
    const { port } = new URL(internal.urlFor());
    const settings = { ...auth.tls, server_name: 'localhost' };
    const made = createHttpClient({
      tls: (host) => providerSettings(settings, host, ports.files),
      proxyFor: direct,
      timeoutMs: 5000,
      clock: ports.clock,
      lookup: answer,
    });
    closing.push({ close: () => made.close() });
    expect((await made.fetch(`https://idp.invalid:${port}/`)).status).toBe(200);
    expect(asked).toEqual(['idp.invalid']);
  });
});
