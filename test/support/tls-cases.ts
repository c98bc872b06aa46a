import { createHash, createPublicKey } from 'node:crypto';

import { createAuthority, selfSigned, type KeyedCertificate } from './certificates';
import { echoBackend } from './gateway/backend-function';
import { startGateway, type Gateway } from './gateway/gateway';
import type { GatewayTls } from './gateway/settings';
import { pkcs12 } from './pkcs12';
import type { DialJob, Verdict } from './tls-jobs';

/** What one gateway offers, what the configuration demands, and what must come of it. */
export interface TlsCase {
  readonly name: string;
  readonly server: GatewayTls;
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly advanced?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly bundles?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** `connected`, or the code of the failure. */
  readonly outcome: string;
  /** Part of the failure's detail. */
  readonly detail?: string;
}

const HOUR = 3_600_000;
const hosts = ['localhost', '127.0.0.1'];
const authority = createAuthority('Test authority');
const good = authority.issueServer({ hosts });
const past = { notBefore: new Date(Date.now() - 2 * HOUR), notAfter: new Date(Date.now() - HOUR) };
const future = { notBefore: new Date(Date.now() + HOUR), notAfter: new Date(Date.now() + 2 * HOUR) };

/** The pin of a key, computed apart from the product. */
export function pinOfKey(privateKeyPem: string): string {
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

const goodPin = pinOfKey(good.privateKeyPem);
const otherPin = pinOfKey(selfSigned({ hosts }).privateKeyPem);

const serverCases: readonly TlsCase[] = [
  { name: 'a good certificate', server: good, outcome: 'connected' },
  {
    name: 'an expired certificate',
    server: authority.issueServer({ hosts, ...past }),
    outcome: 'certificate-rejected',
    detail: 'has expired',
  },
  {
    name: 'a certificate that is not valid yet',
    server: authority.issueServer({ hosts, ...future }),
    outcome: 'certificate-rejected',
    detail: 'not valid yet',
  },
  {
    name: 'a certificate for another host',
    server: authority.issueServer({ hosts: ['elsewhere.example'] }),
    outcome: 'certificate-rejected',
    detail: 'another host',
  },
  {
    name: 'a certificate of another authority',
    server: createAuthority('Other').issueServer({ hosts }),
    outcome: 'certificate-rejected',
    detail: 'not trusted here',
  },
  {
    name: 'a self-signed certificate',
    // BoringSSL does not tell it from an unknown issuer.
    server: selfSigned({ hosts }),
    outcome: 'certificate-rejected',
  },
  {
    name: 'a server that stops at TLS 1.2',
    server: { ...good, maxVersion: 'TLSv1.2' },
    outcome: 'tls-version-rejected',
  },
  {
    name: 'TLS 1.2 where it is allowed',
    server: { ...good, maxVersion: 'TLSv1.2' },
    tls: { min_version: '1.2' },
    outcome: 'connected',
  },
];

const AES_256 = 'TLS_AES_256_GCM_SHA384';

const suiteCases: readonly TlsCase[] = [
  {
    name: 'a suite that is not in the list',
    server: { ...good, ciphers: 'TLS_AES_128_GCM_SHA256' },
    tls: { cipher_suites: [AES_256] },
    outcome: 'cipher-rejected',
  },
  {
    name: 'the one suite of the list',
    server: { ...good, ciphers: AES_256 },
    tls: { cipher_suites: [AES_256] },
    outcome: 'connected',
  },
  {
    name: 'a weak suite of TLS 1.2',
    server: { ...good, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
    tls: { min_version: '1.2' },
    outcome: 'cipher-rejected',
  },
  {
    name: 'fips_mode where the runtime is not in FIPS mode',
    server: good,
    advanced: { compliance: { fips_mode: true } },
    outcome: 'fips-unavailable',
  },
];

const impostor = createAuthority('Test authority').issueServer({ hosts, isIssuerVague: true });

const pinCases: readonly TlsCase[] = [
  { name: 'the pinned key', server: good, tls: { pins: [goodPin] }, outcome: 'connected' },
  {
    name: 'a renewed certificate with the pinned key',
    server: authority.issueServer({ hosts, privateKeyPem: good.privateKeyPem }),
    tls: { pins: [goodPin] },
    outcome: 'connected',
  },
  { name: 'the backup pin', server: good, tls: { pins: [otherPin, goodPin] }, outcome: 'connected' },
  {
    name: 'the pin of the authority in the chain',
    server: good,
    tls: { pins: [pinOfKey(authority.privateKeyPem)] },
    outcome: 'connected',
  },
  {
    name: 'another key than the pinned one',
    server: good,
    tls: { pins: [otherPin] },
    outcome: 'pin-mismatch',
    detail: `expected ${otherPin}; presented ${goodPin}`,
  },
  {
    name: 'another key than the pinned one, verification off',
    server: good,
    tls: { pins: [otherPin], verify: false },
    outcome: 'pin-mismatch',
  },
  {
    name: "a pinned authority's certificate that is sent along but has not signed",
    server: { ...impostor, certificatePem: impostor.certificatePem + authority.certificatePem },
    tls: { pins: [pinOfKey(authority.privateKeyPem)], verify: false },
    outcome: 'pin-mismatch',
  },
  {
    name: 'the pinned key in an expired certificate',
    server: authority.issueServer({ hosts, ...past, privateKeyPem: good.privateKeyPem }),
    tls: { pins: [goodPin] },
    outcome: 'certificate-rejected',
  },
];

const clients = createAuthority('Client authority');
const ada = clients.issueClient({ commonName: 'ada' });
const demanding = { ...good, clientAuthorityPem: clients.certificatePem };
const pair = { type: 'mtls', client_cert: '/c.pem', client_key: '/c.key' };
const pairFiles = ({
  certificatePem,
  privateKeyPem,
}: KeyedCertificate): Readonly<Record<string, string>> => ({
  '/c.pem': certificatePem,
  '/c.key': privateKeyPem,
});
const bundle = { type: 'mtls', client_pkcs12: '/c.p12', passphrase_env: 'PASS' };
const bundleOf = (identity: KeyedCertificate): Readonly<Record<string, string>> => ({
  '/c.p12': pkcs12(identity, 'open sesame').toString('base64'),
});

const clientCases: readonly TlsCase[] = [
  {
    name: 'a client certificate',
    server: demanding,
    auth: pair,
    files: pairFiles(ada),
    outcome: 'connected',
  },
  {
    name: 'a client certificate in PKCS#12',
    server: demanding,
    auth: bundle,
    bundles: bundleOf(ada),
    variables: { PASS: 'open sesame' },
    outcome: 'connected',
  },
  {
    name: 'PKCS#12 with a wrong passphrase',
    server: demanding,
    auth: bundle,
    bundles: bundleOf(ada),
    variables: { PASS: 'open' },
    outcome: 'client-certificate-unusable',
    detail: 'passphrase',
  },
  {
    name: 'no client certificate where one is asked for',
    server: demanding,
    outcome: 'client-certificate-missing',
  },
  {
    name: 'a client certificate of an authority that the gateway does not know',
    server: demanding,
    auth: pair,
    files: pairFiles(createAuthority('Elsewhere').issueClient({ commonName: 'eve' })),
    outcome: 'gateway-unreachable',
    detail: 'client certificate',
  },
  {
    name: 'an expired client certificate',
    server: demanding,
    auth: pair,
    files: pairFiles(clients.issueClient({ commonName: 'ada', ...past })),
    outcome: 'client-certificate-expired',
    detail: 'expired at',
  },
  {
    name: 'an expired client certificate in PKCS#12',
    server: demanding,
    auth: bundle,
    bundles: bundleOf(clients.issueClient({ commonName: 'ada', ...past })),
    variables: { PASS: 'open sesame' },
    outcome: 'client-certificate-expired',
  },
  {
    name: 'a client certificate that is not valid yet',
    server: demanding,
    auth: pair,
    files: pairFiles(clients.issueClient({ commonName: 'ada', ...future })),
    outcome: 'client-certificate-expired',
    detail: 'valid from',
  },
  {
    name: 'certificate and key that do not match',
    server: demanding,
    auth: pair,
    files: { ...pairFiles(ada), '/c.key': good.privateKeyPem },
    outcome: 'client-certificate-unusable',
    detail: 'does not belong',
  },
  {
    name: 'certificate and key in PKCS#12 that do not match',
    server: demanding,
    auth: bundle,
    bundles: bundleOf({ ...ada, privateKeyPem: good.privateKeyPem }),
    variables: { PASS: 'open sesame' },
    outcome: 'client-certificate-unusable',
  },
  {
    name: 'a key file that is not there',
    server: demanding,
    auth: pair,
    files: { '/c.pem': ada.certificatePem },
    outcome: 'client-certificate-unusable',
    detail: '/c.key',
  },
  {
    name: 'a named client certificate, but auth none',
    server: demanding,
    auth: { ...pair, type: 'none' },
    files: pairFiles(ada),
    outcome: 'client-certificate-missing',
  },
];

/** What is refused and what is accepted, in Node and in Electron alike. */
export const tlsCases: readonly TlsCase[] = [...serverCases, ...suiteCases, ...pinCases, ...clientCases];

/** Name, outcome and case, as rows of a table of tests. */
export const tlsRows = tlsCases.map((each) => [each.name, each.outcome, each] as const);

/** A gateway for each case. */
export class TlsCaseServers {
  private constructor(private readonly gateways: ReadonlyMap<TlsCase, Gateway>) {}

  static async start(cases: readonly TlsCase[]): Promise<TlsCaseServers> {
    const gateways = new Map<TlsCase, Gateway>();
    for (const each of cases) {
      gateways.set(each, await startGateway({ backend: echoBackend(), tls: each.server }));
    }
    return new TlsCaseServers(gateways);
  }

  /** The upgrade requests that reached the gateway of this case. */
  upgrades(each: TlsCase): number {
    return this.of(each).recording.upgrades.length;
  }

  job(each: TlsCase): DialJob {
    const { name, tls, auth, advanced = {}, files, bundles = {}, variables = {} } = each;
    return {
      name,
      url: this.of(each).urlFor('localhost'),
      gateway: { auth: auth ?? { type: 'none' }, tls: { ca_cert_path: '/ca.pem', ...tls } },
      advanced,
      files: { '/ca.pem': authority.certificatePem, ...files },
      bundles,
      variables,
    };
  }

  async stop(): Promise<void> {
    for (const gateway of this.gateways.values()) await gateway.stop();
  }

  private of(each: TlsCase): Gateway {
    const gateway = this.gateways.get(each);
    if (gateway === undefined) throw new Error(`no gateway for ${each.name}`);
    return gateway;
  }
}

/** The verdict in one word, as `outcome` of a case has it. */
export const outcomeOf = ({ state, code }: Verdict): string => (state === 'connected' ? state : code);
