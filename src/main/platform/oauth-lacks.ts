import type { GatewayConfig } from '../../shared/model/config';
import type { CheckedMachine, Finding, MachineFindings } from './config-check';
import { fileMessage } from './file-message';

type AuthConfig = GatewayConfig['auth'];

/** Where one secret may be, with the keys that name the places. */
interface Places {
  /** As in `client_secret_env`. */
  readonly key: 'client_secret' | 'password' | 'refresh_token';
  readonly secureKey: string | undefined;
  readonly variable: string | undefined;
  readonly file: string | undefined;
}

/** Looks whether everything is there that a token request would use. Values are read and thrown away. */
export async function findOAuthLacks(
  auth: AuthConfig,
  machine: CheckedMachine,
): Promise<Omit<MachineFindings, 'proxy'>> {
  const findings: Finding[] = [];
  for (const places of neededPlaces(auth)) findings.push(...(await findLack(places, machine)));
  const { ca_cert_path: caPath } = auth.tls;
  if (caPath !== undefined) {
    const lookup = await machine.filesWith(() => undefined).readCertificates(caPath);
    if (lookup.kind !== 'found') findings.push(lacking('gateway.auth.tls.ca_cert_path', fileMessage(lookup)));
  }
  const isComplete = findings.every(({ severity }) => severity !== 'lacking');
  return { credential: isComplete ? { source: 'oauth2', name: shownName(auth) } : null, findings };
}

function shownName(auth: AuthConfig): string {
  const { client_id: clientId = 'signed in', token_endpoint: endpoint = '', issuer } = auth;
  if (auth.grant_type === 'authorization_code' && issuer === undefined)
    return `${clientId} (mcp-router sign-in)`;
  const address = issuer !== undefined && URL.canParse(issuer) ? issuer : endpoint;
  return `${clientId} @ ${URL.canParse(address) ? new URL(address).host : address}`;
}

/** The engine reads the same ones for the same grant. */
function neededPlaces(auth: AuthConfig): readonly Places[] {
  const clientSecret: Places = {
    key: 'client_secret',
    secureKey: auth.client_secret_secure_key,
    variable: auth.client_secret_env,
    file: auth.client_secret_file,
  };
  const isNamed = [clientSecret.secureKey, clientSecret.variable, clientSecret.file].some(
    (name) => name !== undefined,
  );
  const first = isNamed ? [clientSecret] : [];
  switch (auth.grant_type) {
    case 'client_credentials':
      return [clientSecret];
    case 'authorization_code':
      return first;
    case 'password':
      return [
        ...first,
        {
          key: 'password',
          secureKey: auth.password_secure_key,
          variable: auth.password_env,
          file: auth.password_file,
        },
      ];
    case 'refresh_token':
      return [
        ...first,
        {
          key: 'refresh_token',
          secureKey: auth.refresh_token_secure_key,
          variable: auth.refresh_token_env,
          file: auth.refresh_token_file,
        },
      ];
  }
}

async function findLack(places: Places, machine: CheckedMachine): Promise<readonly Finding[]> {
  const { key, secureKey, variable, file } = places;
  const missed: Finding[] = [];
  const miss = (path: string, message: string): void => {
    missed.push({ severity: 'warning', path: `gateway.auth.${path}`, message });
  };
  if (secureKey !== undefined) {
    const path = `gateway.auth.${key}_secure_key`;
    const lookup = await machine.secrets.read(secureKey);
    switch (lookup.kind) {
      case 'found':
        return [];
      case 'absent':
        miss(
          `${key}_secure_key`,
          `the keychain has no entry "${secureKey}"; store it with: mcp-router token set ${secureKey}`,
        );
        break;
      case 'locked-or-removed':
        return [lacking(path, `the keychain is locked, or the entry "${secureKey}" was removed from it`)];
      case 'unavailable':
        return [lacking(path, `no keychain answers: ${lookup.reason}`)];
    }
  }
  if (variable !== undefined) {
    if ((machine.environment.variable(variable)?.trim() ?? '') !== '') return missed;
    miss(`${key}_env`, `the variable ${variable} is not set`);
  }
  if (file !== undefined) {
    const path = `gateway.auth.${key}_file`;
    const files = machine.filesWith((_, message) => missed.push({ severity: 'warning', path, message }));
    const lookup = await files.readCredential(file);
    if (lookup.kind === 'found') return missed;
    return [...missed, lacking(path, fileMessage(lookup))];
  }
  return [
    ...missed,
    lacking('gateway.auth', `no ${key.replace('_', ' ')} was found where the keys say it is`),
  ];
}

function lacking(path: string, message: string): Finding {
  return { severity: 'lacking', path, message };
}
