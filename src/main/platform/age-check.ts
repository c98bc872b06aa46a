import { X509Certificate } from 'node:crypto';

import type { RouterConfig } from '../../shared/model/config';
import { kindWords, oldCredentials } from '../../shared/model/credential-age';
import type { CredentialFiles, SecretStore } from '../engine/ports';

/** A credential that is older than `security.rotation_days`. */
export interface AgeFinding {
  readonly severity: 'warning';
  readonly path: string;
  readonly message: string;
}

/** Looks at the ages of what the configuration uses: entries of the keychain, and client certificates. */
export async function checkAges(
  config: RouterConfig,
  secrets: Pick<SecretStore, 'list'>,
  files: CredentialFiles,
): Promise<readonly AgeFinding[]> {
  if (config.security.rotation_days === 0) return [];
  const certificates = await issuedCertificates(config, files);
  return oldCredentials(config, await secrets.list(), certificates, Date.now()).map(
    ({ what, name, days }) => ({
      severity: 'warning',
      path: 'security.rotation_days',
      message:
        what === 'certificate'
          ? `the client certificate ${name} was issued ${days} days ago; rotate it with: mcp-router token rotate --certificate FILE --key FILE`
          : `the ${kindWords[what]} "${name}" was stored ${days} days ago; rotate it with: mcp-router token rotate ${name}`,
    }),
  );
}

async function issuedCertificates(
  { gateway_pool: { endpoints } }: RouterConfig,
  files: CredentialFiles,
): Promise<readonly { readonly path: string; readonly facts: { readonly validFrom: string } }[]> {
  const paths = new Set(
    endpoints.flatMap(({ auth }) => (auth.type === 'none' ? [] : (auth.client_cert ?? []))),
  );
  const lookups = [...paths].map(async (path) => {
    const lookup = await files.readCertificates(path);
    if (lookup.kind !== 'found') return []; // a finding of its own says so
    const validFrom = new Date(new X509Certificate(lookup.value).validFrom).toISOString();
    return [{ path, facts: { validFrom } }];
  });
  return (await Promise.all(lookups)).flat();
}
