import type { TlsSuite } from '../../../shared/model/gateway-settings';

/** OpenSSL's names of the TLS 1.2 suites; those of TLS 1.3 are called the same everywhere. */
const OPENSSL_NAMES: ReadonlyMap<TlsSuite, string> = new Map<TlsSuite, string>([
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
]);

/** Every suite that is known here, strongest first. */
export const everySuite: readonly TlsSuite[] = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  ...OPENSSL_NAMES.keys(),
];

/** The suites that a connection may use, and the versions that have any of them. */
export interface SuiteChoice {
  readonly suites: readonly TlsSuite[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** In the form that Node's `ciphers` takes. */
  readonly ciphers: string;
}

/** True for the suites of TLS 1.3. */
export const isTls13Suite = (suite: TlsSuite): boolean => !OPENSSL_NAMES.has(suite);

/** True for the suites whose algorithms are approved by NIST (SP 800-52r2): AES-GCM, not ChaCha20. */
export const isApprovedSuite = (suite: TlsSuite): boolean => suite.includes('_AES_');

/**
 * What is left of the configured suites after `min_version` and FIPS; their order is the order of preference.
 *
 * @returns null when nothing is left, so that no connection is possible
 */
export function chooseSuites(
  configured: readonly TlsSuite[],
  minVersion: '1.2' | '1.3',
  isFipsOnly: boolean,
): SuiteChoice | null {
  const suites = [...new Set(configured)].filter(
    (suite) => (isTls13Suite(suite) || minVersion === '1.2') && (isApprovedSuite(suite) || !isFipsOnly),
  );
  if (suites.length === 0) return null;
  return {
    suites,
    minVersion: suites.every(isTls13Suite) ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: suites.some(isTls13Suite) ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: suites.map((suite) => OPENSSL_NAMES.get(suite) ?? suite).join(':'),
  };
}
