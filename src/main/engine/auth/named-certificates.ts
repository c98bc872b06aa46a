import { X509Certificate } from 'node:crypto';

import type { GatewayConfig } from '../../../shared/model/config';
import type { NamedCertificate } from '../../../shared/model/credential-age';
import type { CredentialFiles } from '../ports';

import { factsOf } from './client-identity';

/** The client certificates that these endpoints name and that can be read, each once. PKCS#12 bundles are not opened. */
export async function namedCertificates(
  endpoints: readonly Pick<GatewayConfig, 'auth'>[],
  files: CredentialFiles,
): Promise<readonly NamedCertificate[]> {
  const paths = new Set(
    endpoints.flatMap(({ auth }) => (auth.type === 'none' ? [] : (auth.client_cert ?? []))),
  );
  const named: NamedCertificate[] = [];
  for (const path of paths) {
    const lookup = await files.readCertificates(path);
    // One that cannot be read is told by whoever wants to use it.
    if (lookup.kind === 'found') named.push({ path, facts: factsOf(new X509Certificate(lookup.value)) });
  }
  return named;
}
